"""Python and the command line in processes that find nothing of the extras."""

import json
import subprocess
import sys
from pathlib import Path

# Nothing of the extras can be found, of any but those that are named.
WITHOUT_EXTRAS = """
import sys
from importlib.machinery import PathFinder
from drift_core.installation import EXTRAS

KEPT = %r
GONE = {"transformers"}.union(*(EXTRAS[name] for name in EXTRAS if name not in KEPT))

class Finder(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in GONE else PathFinder.find_spec(name, path, target)

sys.meta_path = [Finder if each is PathFinder else each for each in sys.meta_path]
"""
# Each command in a child of its own, in its folder; what it said is left beside that. What many load is loaded once.
COMMANDS_IN_THE_CORE = """
import json, os, traceback, typer
import drift_core.gate.release, drift_core.history.history, drift_core.judge_card.file, drift_core.review.review_file
from drift_core.cli import commands, main
group, codes = typer.main.get_command(commands), {}
for name in group.list_commands(None):
    getattr(group.get_command(None, name), "commands", None)
for words, folder in json.load(sys.stdin).items():
    child = os.fork()
    if not child:
        code = 1
        try:
            for number, name in ((1, "out"), (2, "err")):
                os.dup2(os.open(folder + "." + name, os.O_WRONLY | os.O_CREAT), number)
            os.chdir(folder)
            sys.argv[1:] = words.split()
            main()
        except SystemExit as end:
            code = end.code or 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush(), sys.stderr.flush()
            os._exit(code)
    codes[words] = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
print(json.dumps(codes))
"""


def script(code, *arguments, kept=(), given=""):
    words = [sys.executable, "-c", WITHOUT_EXTRAS % (kept,) + code, *arguments]
    done = subprocess.run(words, capture_output=True, text=True, input=given)
    assert done.returncode == 0, done.stderr
    return done


def answers_in_the_core(folders: dict[str, Path]) -> dict[str, tuple[int, str, str]]:
    """Exit code, output and error of each command, run in its folder with the core alone."""
    codes = json.loads(script(COMMANDS_IN_THE_CORE, given=json.dumps(folders, default=str)).stdout)
    said = {
        words: [folder.with_name(f"{folder.name}.{name}").read_text() for name in ("out", "err")]
        for words, folder in folders.items()
    }
    return {words: (codes[words], *said[words]) for words in folders}
