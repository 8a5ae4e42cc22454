"""Addresses of object storage: what they may hold, and what a pattern in one names."""

import glob
import traceback
from types import SimpleNamespace

import pytest

from drift_core.errors import InputError
from drift_core.samples.reading import read_pairs
from drift_core.tables import places
from drift_core.tables.addresses import check_address, check_words
from drift_core.tables.small_files import read_small
from tests.drift_core.command_line import run, write_samples

SECRET = "hush/hush+4711"  # noqa: S105 - of nothing


@pytest.mark.parametrize(
    "address",
    [
        f"s3://KEY:{SECRET}@ours/x.csv",
        f"gs://me@ours/x?X-Goog-Signature={SECRET}",
        f"abfs://ours@account.dfs.core.windows.net/x.csv?sv=2026&sig={SECRET}",
        f"abfs://ours:{SECRET}@account.dfs.core.windows.net/x.csv",
        f"hf://me:{SECRET}@datasets/team/ours/x.csv",
        f"https://account.blob.core.windows.net/ours/x.csv?sig={SECRET}",
    ],
)
def test_a_secret_in_an_address_is_refused_and_shown_nowhere(address, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    local, _ = write_samples(tmp_path)
    for words in (
        ["diagnose", local, address, "--json", "d.json"],
        ["diagnose", local, local, "--pairs", address],
        ["diagnose", local, local, "--rule", address],
        ["canary", local, address, "--history", "h.db", "--teacher-revision", "r"],
        ["canary", local, local, f"--history={address}", "--teacher-revision", "r"],
        ["gate", "--history", "h.db", "--card", address],
        ["sample", address, "--n", "20", "--out", "o.csv"],
        ["sample", local, "--n", "20", "--out", address],
    ):
        code, shown, said = run(*words)
        assert code == 2
        assert SECRET not in shown + said
    for taken in (read_pairs, check_address, lambda text: read_small(text, called="x")):
        with pytest.raises(InputError) as raised:
            taken(address)
        assert SECRET not in "".join(traceback.format_exception(raised.value)).replace(repr(address), "")
    assert not [each for each in tmp_path.rglob("*") if each.is_file() and SECRET.encode() in each.read_bytes()]


@pytest.mark.parametrize("hidden", ["?versions&sig=", "?acl&X-Amz-Signature=", "&sig=", "%3Fsig%3D", "?sv[]=1&sig="])
def test_a_secret_is_told_however_it_is_written(hidden):
    for refused in (check_address, lambda address: check_words(["--pairs", address])):
        with pytest.raises(InputError, match="may be secret") as raised:
            refused(f"s3://ours/x.csv{hidden}{SECRET}")
        assert SECRET not in str(raised.value)


def test_a_pattern_of_days_holds_no_secret_and_one_that_cannot_be_read_is_one_message():
    check_address("s3://ours/day=?/hour=1/part-*.parquet")
    with pytest.raises(InputError, match=r"The pattern s3://ours/\[z-a\]\* cannot be read: bad character range"):
        places._matching(None, "ours/[z-a]*", "s3://ours/[z-a]*")


@pytest.mark.parametrize("rest", ["**", "x/**", "*/**", "**/*", "**/b*", "*", "**/", "**/.h/*", "**x"])
def test_a_pattern_names_what_it_names_on_this_machine(rest, tmp_path):
    here = [tmp_path / "ours" / name for name in ("a", "bx", "x/b", "x/y/c", "x/.h/d", ".e/f", "x/.g", "x/y/b")]
    for file in here:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()

    def listed(base, _, *, is_deep):
        under = [path.relative_to(tmp_path).as_posix() for path in here if path.is_relative_to(tmp_path / base)]
        return [SimpleNamespace(path=each) for each in under if is_deep or each.count("/") == base.count("/") + 1]

    found = places._matching(SimpleNamespace(listed=listed), f"ours/{rest}", f"s3://ours/{rest}")

    expected = glob.glob(f"ours/{rest}", root_dir=tmp_path, recursive=True)  # noqa: PTH207 - what is compared with
    assert {each.path for each in found} == {path for path in expected if (tmp_path / path).is_file()}


def test_what_looks_like_an_address_is_read_as_a_path_and_one_of_another_kind_or_of_nothing_refused():
    for text in (r"C:\\logs\\x.csv", "C://x.csv", "s3:/x", "logs/s3://x"):
        with pytest.raises(InputError, match=r"no file|cannot be taken here"):
            read_pairs(text)
    check_words(["--endpoint=https://host/v1?api-version=2", "--history", "postgresql://me:word@host/base"])
    no_file = dict.fromkeys(("s3://", "gs://a/../b"), "names no file")
    for address, said in ({"ftp://x/y.csv": "of ftp:// is not read"} | no_file).items():
        with pytest.raises(InputError, match=said):
            read_pairs(address)
