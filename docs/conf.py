"""How Sphinx builds the documentation; what can be told from the code is written from it here.

Short tables stand in the pages, for those who read them in a checkout: `python docs/conf.py` writes them anew.
"""

import inspect
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from typer.cli import get_docs_for_click

import drift_core
from drift_core.agreement.rule import Rule
from drift_core.cli import commands as command_line
from drift_core.tables.roles import ROLES

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT = Path(__file__).parents[1]

project = "Distillation Drift"
version = release = drift_core.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["recipes/*.py"]
myst_heading_anchors = 3
myst_enable_extensions = ["fieldlist"]
autodoc_typehints = "none"  # the sections of the docstrings say what a value is
autodoc_member_order = "bysource"
napoleon_google_docstring = False
default_role = "code"
html_theme = "furo"  # brings its own fonts and scripts: a page asks no other host
html_title = f"{project} {release}"
html_copy_source = False
html_show_copyright = False
pygments_style = "tango"


def roles_table() -> str:
    """Columns that are recognised, by role."""
    rows = [
        f"| `{name}`{' (needed)' if role.required else ''} | {role.meaning} | "
        + ", ".join(f"`{each}`" for each in role.names)
        + " |"
        for name, role in ROLES.items()
        if role.names
    ]
    return "\n".join(("| role | meaning | names that are recognised |", "|---|---|---|", *rows))


def rule_table() -> str:
    """Every threshold with its default and the comment beside it."""
    found = re.findall(r"^    (\w+): (?:float|int) = (\S+)  # (.*)$", inspect.getsource(Rule), flags=re.MULTILINE)
    if len(found) != len(Rule().to_json()):
        raise ValueError("Each field of Rule stands on a line with its default and a comment.")
    rows = [f"| `{name}` | {default} | {meaning} |" for name, default, meaning in found]
    return "\n".join(("| name | default | meaning and source |", "|---|---|---|", *rows))


def command_pages() -> str:
    """What `--help` says of each command."""
    root = typer.main.get_command(command_line)
    text = get_docs_for_click(obj=root, ctx=typer.Context(root), name="distillation-drift")
    return text[text.index("\n## ") :]


def python_names() -> str:
    """The public names by room, each documented from its docstring."""
    return "\n\n".join(f"## {room}\n\n" + "\n\n".join(map(_documented, names)) for room, names in _by_room().items())


def names_table() -> str:
    """The public names by room."""
    rows = [f"| {room} | {', '.join(f'`{name}`' for name in names)} |" for room, names in _by_room().items()]
    return "\n".join(("| room | names |", "|---|---|", *rows))


def _by_room() -> dict[str, list[str]]:
    """The public names, the rooms as they are built on each other."""
    stub = Path(drift_core.__file__).with_suffix(".pyi").read_text(encoding="utf-8")
    named: dict[str, list[str]] = {}
    for room, name in re.findall(r"^from \.(\w+)\S* import \w+ as (\w+)$", stub, flags=re.MULTILINE):
        named.setdefault(room, []).append(name)
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = reversed(contracts[0]["layers"])
    return {room: named[room] for layer in layers for room in layer.split(" | ") if room in named}


def _documented(name: str) -> str:
    value = getattr(drift_core, name)
    kind = "class" if inspect.isclass(value) else "function" if callable(value) else "data"
    members = "   :members:\n" if kind == "class" else ""
    return f"```{{eval-rst}}\n.. auto{kind}:: drift_core.{name}\n{members}```"


def commands_table() -> str:
    """Every command with what it does, as the first lines of its help say."""
    root = typer.main.get_command(command_line)
    rows = [f"| `{name}` | {told} |" for name, told in _commands(root, typer.Context(root), "")]
    return "\n".join(("| command | what it does |", "|---|---|", *rows))


def _commands(group: Any, context: typer.Context, above: str) -> Iterator[tuple[str, str]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if hasattr(command, "list_commands"):
            yield from _commands(command, context, f"{above}{name} ")
        else:
            yield f"{above}{name}", " ".join(str(command.help).split("\n\n")[0].split())


TABLES: Mapping[str, Mapping[str, Callable[[], str]]] = {  # they stand in a page, between comments that name them
    "files.md": {"roles": roles_table},
    "rule.md": {"rule": rule_table},
    "commands.md": {"commands": commands_table},
    "python.md": {"names": names_table},
}
WRITTEN: Mapping[str, Callable[[], str]] = {
    "every option": command_pages,
    "every name": python_names,
}  # on the site alone


def with_tables(page: str, text: str) -> str:
    """Give the text of a page with its tables as the code has them now."""
    for name, write in TABLES.get(page, {}).items():
        first, last = f"<!-- from the code: {name} -->\n", f"\n<!-- end of {name} -->"
        before, after = text.split(first)[0], text.split(last)[1]
        text = f"{before}{first}\n{write()}\n{last}{after}"
    return text


def write_from_code(app: "Sphinx", page: str, source: list[str]) -> None:
    """Put what the code says in the place of each comment that names it."""
    for name, write in WRITTEN.items():
        comment = f"<!-- from the code: {name} -->"
        if comment in source[0]:
            source[0] = source[0].replace(comment, write())


def tell_settings(app: "Sphinx", what: str, name: str, value: object, options: object, lines: list[str]) -> None:
    """Tell what each field of a settings class means, which the class itself says once for all its readers."""
    told = {
        each.name: each.metadata["meaning"]
        for each in getattr(value, "__dataclass_fields__", {}).values()
        if each.metadata
    }
    if what == "class" and told:
        lines += ["Attributes", "----------", *(line for each, text in told.items() for line in (each, f"    {text}"))]


def list_sources(app: "Sphinx", what: str, name: str, value: object, options: object, lines: list[str]) -> None:
    """Turn the numbered sources of a docstring into a list: on one page the numbers of many would meet."""
    lines[:] = [re.sub(r"^\.\. \[(\d)\]", r"*  [\1]", re.sub(r"\[(\d)\]_", r"[\1]", line)) for line in lines]


def setup(app: "Sphinx") -> None:
    """Have Sphinx call the functions above."""
    app.connect("source-read", write_from_code)
    app.connect("autodoc-process-docstring", tell_settings, priority=400)  # before napoleon
    app.connect("autodoc-process-docstring", list_sources, priority=600)  # after napoleon's


if __name__ == "__main__":
    for place in TABLES:
        path = Path(__file__).with_name(place)
        path.write_text(with_tables(place, path.read_text(encoding="utf-8")), encoding="utf-8")
