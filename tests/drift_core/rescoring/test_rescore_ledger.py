import pytest

from drift_core import InputError, rescore_list
from drift_core.rescoring.lock import locked
from drift_core.rescoring.rescore import reread_list
from tests.drift_core.rescoring import endpoint
from tests.drift_core.rescoring.cases import list_of, rescoring


def test_a_ledger_with_scores_is_for_one_list_and_model(tmp_path):
    path, ledger = list_of(3, tmp_path), tmp_path / "ledger"
    other = list_of(4, tmp_path, name="other.parquet")

    with endpoint.serve() as teacher:
        rescore_list(path, ledger, rescoring=rescoring(teacher.url))
        for source, order, word in (
            (other, rescoring(teacher.url), "list"),
            (path, rescoring(teacher.url, model="another"), "model"),
        ):
            with pytest.raises(InputError, match=f"is for another {word}"):
                rescore_list(source, ledger, rescoring=order)


def test_two_runs_on_one_ledger_are_refused_with_one_message(tmp_path):
    path, ledger = list_of(3, tmp_path), tmp_path / "ledger"

    with endpoint.serve() as teacher, locked(ledger), pytest.raises(InputError, match="Another run is re-scoring"):
        rescore_list(path, ledger, rescoring=rescoring(teacher.url))

    assert not teacher.calls


def test_two_names_of_one_ledger_share_its_lock(tmp_path):
    path, ledger, other = list_of(3, tmp_path), tmp_path / "ledger", tmp_path / "other"
    other.symlink_to(ledger)

    with endpoint.serve() as teacher, locked(ledger), pytest.raises(InputError, match="Another run is re-scoring"):
        rescore_list(path, other, rescoring=rescoring(teacher.url))

    assert not teacher.calls


@pytest.mark.parametrize("go_on", [rescore_list, reread_list])
def test_a_ledger_that_leads_to_a_device_is_refused_by_its_own_name(tmp_path, go_on):
    ledger = tmp_path / "ledger"
    ledger.symlink_to("/dev/zero")

    with endpoint.serve() as teacher, pytest.raises(InputError, match=f"The ledger {ledger} is a device"):
        go_on(list_of(3, tmp_path), ledger, rescoring=rescoring(teacher.url))

    assert not teacher.calls


def test_a_file_that_is_no_ledger_is_left_alone(tmp_path):
    other = tmp_path / "ledger"
    other.write_text("Dear all,\n" * 100)

    with endpoint.serve() as teacher, pytest.raises(InputError, match="cannot be used: file is not a database"):
        rescore_list(list_of(3, tmp_path), other, rescoring=rescoring(teacher.url))

    assert other.read_text().startswith("Dear all")
