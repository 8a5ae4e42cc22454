import pytest

from drift_core.errors import InputError
from drift_core.retraining.rescored_record import record_beside
from tests.drift_core.command_line import FAST, run, write_samples
from tests.drift_core.rescoring.cases import list_of
from tests.sweeps import sweep


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return write_samples(tmp_path_factory.mktemp("samples"))


def bad_usage(files, folder):
    heldout, production = files
    (folder / "empty.csv").write_text("")
    (folder / "noise.csv").write_bytes(bytes(range(256)) * 20)
    (folder / "rule.toml").write_text("spread = 3")
    (folder / "broken.json").write_text("{")
    (folder / "list.json").write_text("[1]")
    return {
        ("nothing",): "No such command 'nothing'",
        ("diagnose",): "Missing argument 'HELDOUT'",
        ("diagnose", heldout): "Give two files, held-out and production, or one file and where to split it",
        ("plan", *files, "--split", "day=2026-05-01"): "Give two files, held-out and production, or one file",
        ("diagnose", heldout, "--split", "day"): "--split expects COLUMN=DATE or COLUMN=VALUE",
        ("plan", heldout, "--split", "day=2026-05-01"): "has no column 'day' to split it by",
        ("diagnose", "-", "--split", "day=2026-05-01"): "is read twice, which standard input cannot be",
        ("diagnose", heldout, "gone.csv"): "There is no file gone.csv",
        ("diagnose", heldout, heldout, *FAST): "are the same sample",
        ("diagnose", heldout, folder / "empty.csv"): "is empty",
        ("diagnose", heldout, folder / "noise.csv"): "binary data",
        ("diagnose", heldout, folder): "is a folder",
        ("diagnose", "-", "-"): "Only one of the two samples",
        ("diagnose", *files, "--k", "ten"): "--k",
        ("diagnose", *files, "--k", "0"): "k must be a whole number from 1 up to 1,000,000,000; found 0",
        ("diagnose", *files, "--clusters", "0", "--embedder", "hashing"): "number of clusters must be 1 or more",
        ("diagnose", *files, "--max-rows", "5"): "limit of rows",
        ("diagnose", *files, "--slice", "nope"): "no column 'nope'",
        ("diagnose", *files, "--column", "teacher"): "--column expects ROLE=COLUMN",
        ("diagnose", *files, "--column", "boss=x"): "boss",
        ("diagnose", *files, "--column", "teacher=gone"): "gone",
        ("diagnose", *files, "--embedder", "a", "--embeddings", "b"): "exclude each other",
        ("diagnose", *files, "--pairs", "pairs.xlsx"): "--pairs expects",
        ("diagnose", *files, "--rule", "gone.toml"): "rule file gone.toml cannot be read",
        ("diagnose", *files, "--rule", folder / "rule.toml"): "has no 'spread'",
        ("diagnose", "gone", "gone", "--json", folder / "no" / "d.json"): "there is no folder",
        ("diagnose", "gone", "gone", "--pairs", folder / "no" / "p.csv"): "there is no folder",
        ("diagnose", "gone", "gone", "--report", folder): "it is a folder",
        ("compare", "gone", "--report", folder): "it is a folder",
        ("gate", "--history", "gone", "--report", "-"): "--report expects a file",
        ("manifest", production, "--out", folder): "Missing option '--diagnosis'",
        ("manifest", production, "--diagnosis", "gone.json", "--out", folder): "gone.json cannot be read",
        ("manifest", production, "--diagnosis", folder / "broken.json", "--out", folder): "is not valid JSON",
        ("manifest", production, "--diagnosis", folder / "list.json", "--out", folder): "is not a diagnosis",
        ("manifest", production, "--diagnosis", "x", "--n", "0", "--out", folder): "n must be a whole number from 1 up",
        ("plan", *files, "--loss", "2"): "loss to see must be in (0, 1)",
        ("manifest", "gone", "--diagnosis", "gone", "--out", folder / "empty.csv"): "cannot be made",
        ("plan", *files, "--power", "0.04"): "--power must be above the error rate alpha, 0.05; found 0.04",
        ("plan", *files, "--price", "-1"): "--price must be in [0, inf); found -1.0",
        ("plan", *files, "--price", "nan"): "--price must be in [0, inf); found nan",
        ("plan", *files, "--power", "1"): "--power must be in (0, 1); found 1.0",
        ("simulate", "nothing", "--out", folder): "no scenario called 'nothing'",
        ("simulate", "healthy", "--out", folder / "empty.csv"): "cannot be made",
        ("app", "--port", "80"): "--port",
    }


def test_bad_usage_and_bad_input_are_one_message_and_exit_code_two(files, tmp_path):
    for arguments, message in bad_usage(files, tmp_path).items():
        code, shown, said = run(*arguments)

        assert code == 2, arguments
        assert message in said, (arguments, said)
        assert said.count("Error") == 1, said
        assert "Traceback" not in said
        assert shown == "", arguments


DEEP = 20_000
NESTED = {
    "list": "[" * DEEP + "]" * DEEP,
    "names": '{"a":' * DEEP + "1" + "}" * DEEP,
    "below a known name": '{"rule":' * DEEP + "1" + "}" * DEEP,
}


@pytest.mark.parametrize("content", sweep(NESTED, "below a known name"))
def test_an_artefact_nested_too_deep_is_one_message(files, tmp_path, content):
    heldout, production = files
    run("canary", heldout, production, "--history", tmp_path / "c.db", "--teacher-revision", "r", "--at", "2026-01-05")
    listed = list_of(3, tmp_path)
    for name in ("a.json", "card.yaml", "rescored.json", "config.json"):
        (tmp_path / name).write_text(NESTED[content])
    gate = ("gate", "--history", tmp_path / "c.db")
    cases = (
        ("diagnose", *files, "--rule", tmp_path / "a.json"),
        (*gate, "--rule", tmp_path / "a.json"),
        (*gate, "--comparison", tmp_path / "a.json"),
        (*gate, "--card", tmp_path / "card.yaml"),
        ("card", "check", tmp_path / "card.yaml"),
        ("manifest", production, "--diagnosis", tmp_path / "a.json", "--out", tmp_path / "out"),
        ("manifest", "verify", listed, tmp_path / "a.json"),
        ("score", listed, "--student", tmp_path, "--out", tmp_path / "scored.csv"),
    )
    for arguments in cases:
        code, shown, said = run(*arguments)

        assert (code, shown) == (2, ""), (arguments, said[:300])
        assert said.count("Error") == 1, said[:300]
        assert len(said) < 1000

    with pytest.raises(InputError, match="is no record of a re-scored list"):
        record_beside(listed)


@pytest.mark.parametrize("price", ["nan", "inf", "1e400", "-1"])
def test_a_price_that_is_none_is_one_message(price):
    code, shown, said = run("costs", "--student-price", price, "--calls", "100", "--teacher-price", "1")

    assert (code, shown) == (2, "")
    assert said.count("Error") == 1
