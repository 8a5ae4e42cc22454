import csv
import io
import math
from datetime import UTC, datetime

import pytest

from drift_core import InputError, Measured, Unmeasured, open_history
from drift_core.history.csv_exchange import export_csv, import_csv
from tests.drift_core.canary.runs_by_hand import full_week, week

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SHORT = "at,teacher_revision,n_pairs,agreement\n"


@pytest.fixture
def read(tmp_path, history):
    """Import a text and give what it did."""

    def read_text(text, encoding="utf-8"):
        path = tmp_path / "weeks.csv"
        path.write_bytes(text.encode(encoding))
        return import_csv(path, history, recorded_at=NOW)

    return read_text


def test_a_round_trip_gives_the_same_runs(history, tmp_path):
    odd = week(1, teacher_revision="=1+1", student_version="'a", cause=None, agreement=Unmeasured(reason="3 pairs"))
    small = week(2, n_pairs=3, n_queries=1, heldout=None, regions=())
    history.record_all((full_week(0), odd, small))
    path = tmp_path / "weeks.csv"
    path.write_bytes(export_csv(history))

    with open_history(tmp_path / "other.sqlite") as other:
        done = import_csv(path, other)

        assert (done.n_new, done.n_known, done.unused, done.notes) == (3, 0, (), ())
        assert other.runs(with_regions=True) == history.runs(with_regions=True)
        assert export_csv(other) == export_csv(history)


def test_an_export_is_safe_in_a_spreadsheet_and_has_plain_numbers(history):
    history.record_all((week(0, teacher_revision="=cmd()"), week(1, heldout=None)))

    rows = list(csv.DictReader(io.StringIO(export_csv(history).decode())))

    assert rows[0]["teacher_revision"] == "'=cmd()"
    assert rows[0]["at"] == "2026-01-05T09:00:00+00:00"
    assert [row["baseline_n_pairs"] for row in rows] == ["500", ""]


@pytest.mark.parametrize("revision", ["=cmd()", "'-1", "'a"])
def test_texts_that_a_spreadsheet_would_run_come_back_from_an_export(history, tmp_path, revision):
    history.record(week(0, teacher_revision=revision, student_version="+1"))
    (tmp_path / "weeks.csv").write_bytes(export_csv(history))

    with open_history(tmp_path / "other.sqlite") as other:
        import_csv(tmp_path / "weeks.csv", other)

        assert other.runs(with_regions=True) == history.runs(with_regions=True)


def test_an_empty_history_is_exported_as_a_header(history):
    assert export_csv(history).decode().splitlines()[0].startswith("at,recorded_at,student_version")


def test_a_second_import_of_a_file_adds_nothing(read):
    text = SHORT + "2026-01-05,r1,200,0.9\n2026-01-12,r1,200,0.91\n"
    read(text)

    done = read(text)

    assert (done.n_new, done.n_known) == (0, 2)


def test_an_imported_week_says_what_the_file_says(read, history):
    read(
        "at,teacher_revision,student_version,teacher_model,n_pairs,n_queries,agreement,agreement_low,agreement_high,"
        "overlap,overlap_low,overlap_high,k,baseline,baseline_n_pairs,cause\n"
        "2026-01-05T10:00:00+02:00,r1,s1,judge,200,100,0.9,0.86,0.93,0.8,0.6,0.9,20,0.95,500,query_drift\n"
    )

    (run,) = history.runs()

    assert run.at == datetime(2026, 1, 5, 8, tzinfo=UTC)
    assert (run.recorded_at, run.origin, run.production_digest) == (NOW, "import", None)
    assert (run.student_version, run.teacher_model, run.teacher_revision) == ("s1", "judge", "r1")
    assert (run.n_pairs, run.n_queries, run.k, run.cause) == (200, 100, 20, "query_drift")
    assert (run.agreement.estimate, run.agreement.low, run.agreement.high) == (0.9, 0.86, 0.93)
    assert (run.overlap.estimate, run.overlap.low, run.overlap.high) == (0.8, 0.6, 0.9)
    assert (run.heldout.agreement.estimate, run.heldout.agreement.n_pairs, run.heldout.digest) == (0.95, 500, None)
    assert run.heldout.z_error == pytest.approx(math.sqrt((1 + 0.95**2 / 2) / 497))
    # (1.658390 - 1.293345) / 2 / 1.984217: limits on Fisher's z scale, the t quantile at 99 degrees of freedom
    assert run.null_error == pytest.approx(0.091987, abs=1e-5)


def test_agreement_without_an_interval_gets_that_of_fishers_z(read, history):
    read(SHORT.replace("agreement", "spearman") + "2026-01-05,r1,203,0.9\n")

    agreement = history.runs()[0].agreement

    # atanh(0.9) = 1.472219; its error is sqrt(1.405 / 200) = 0.083815; the t quantile at 202 degrees is 1.971777
    assert (agreement.low, agreement.high) == (
        pytest.approx(math.tanh(1.472219 - 1.971777 * 0.083815), abs=1e-5),
        pytest.approx(math.tanh(1.472219 + 1.971777 * 0.083815), abs=1e-5),
    )
    assert history.runs()[0].null_error == pytest.approx(math.sqrt(1.405 / 200))


def test_overlap_without_an_interval_gets_a_score_interval(read, history):
    read("at,teacher_revision,n_pairs,agreement,overlap,k\n2026-01-05,r1,200,0.9,0.8,10\n")

    overlap = history.runs()[0].overlap

    # Wilson's limits of 8 of 10
    assert (overlap.low, overlap.high) == (pytest.approx(0.4902, abs=1e-4), pytest.approx(0.9433, abs=1e-4))


@pytest.mark.parametrize("agreement", ["1", "-1", "1.0"])
def test_a_perfect_agreement_has_an_interval_that_can_be_computed_with(read, history, agreement):
    read(SHORT + f"2026-01-05,r1,200,{agreement}\n")

    run = history.runs()[0]

    assert isinstance(run.agreement, Measured)
    assert run.agreement.high - run.agreement.low > 0.01
    assert run.null_error == pytest.approx(math.sqrt(1.5 / 197))


def test_what_is_not_there_is_unmeasured_and_not_zero(read, history):
    read(SHORT + "2026-01-05,r1,200,0.9\n")

    run = history.runs()[0]

    assert isinstance(run.overlap, Unmeasured)
    assert run.heldout is None
    assert run.cause is None
    assert run.k == 10


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("date;teacher_revision;n_pairs;Spearman\n2026-01-05;r1;200;0,9\n", "utf-8"),
        ("\ufeffat\tteacher_revision\tn_pairs\tspearman\r\n2026-01-05\tr1\t200\t0.9\r\n", "utf-8"),
        ("at,teacher_revision,n_pairs,agreement\n2026-01-05,r1,200.0,0.9\n", "utf-16"),
    ],
)
def test_files_of_spreadsheets_are_read(read, history, text, encoding):
    read(text, encoding)

    assert history.runs()[0].agreement.estimate == 0.9


def test_two_runs_of_one_week_and_unknown_columns_are_named(read):
    done = read(SHORT.replace("\n", ",team\n") + "2026-01-05,r1,200,0.9,a\n2026-01-07,r1,200,0.8,b\n")

    assert done.unused == ("team",)
    assert done.notes == ("Week 2 of 2026 has another run, of 2026-01-05.",)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            "05.01.2026,r1,200,0.9",
            "- at: expected a time such as 2026-05-04 or 2026-05-04T12:00:00Z, found '05.01.2026'",
        ),
        ("2026-01-05,,200,0.9", "- teacher_revision is empty, and is needed"),
        (",r1,200,0.9", "- at is empty, and is needed"),
        ("2026-01-05,r1,200,", "- agreement is empty, and is needed"),
        ("2026-01-05,r1,many,0.9", "- n_pairs: expected a number, found 'many'"),
        ("2026-01-05,r1,3,0.9", "- n_pairs: expected a whole number in [4, 1000000000], found 3"),
        ("2026-01-05,r1,20.5,0.9", "- n_pairs: expected a whole number in [4, 1000000000], found 20.5"),
        ("2026-01-05,r1,inf,0.9", "- n_pairs: expected a whole number in [4, 1000000000], found inf"),
        ("2026-01-05,r1,200,90", "- agreement: expected a number in [-1, 1], found 90"),
    ],
)
def test_a_wrong_cell_is_named_with_its_row_and_nothing_is_imported(read, history, row, message):
    with pytest.raises(InputError) as failed:
        read(SHORT + f"2026-01-05,r1,200,0.9\n{row}\n2026-01-12,r1,200,0.9\n")

    assert f"{message}: row 2" in str(failed.value).splitlines()
    assert history.runs() == ()


@pytest.mark.parametrize(
    ("columns", "cells", "message"),
    [
        ("agreement_low", "0.8", "- agreement_low and agreement_high: expected both or neither: row 1"),
        (
            "agreement_low,agreement_high",
            "0.91,0.95",
            "- agreement is outside its interval, found '0.9 and [0.91, 0.95]': row 1",
        ),
        ("overlap_low,overlap_high,k", "0.1,0.5,10", "- overlap is empty, and its interval is given: row 1"),
        ("overlap", "0.8", "- k is empty, and overlap needs it: row 1"),
        ("overlap,k", "1.2,10", "- overlap: expected a number in [0, 1], found 1.2: row 1"),
        ("n_queries", "201", "- n_queries is larger than n_pairs, found '201 and 200': row 1"),
        ("baseline", "0.9", "- baseline and baseline_n_pairs: expected both or neither: row 1"),
        (
            "record",
            "{}",
            "- record: expected JSON as the export writes it, or an empty cell; at: Field required, found '{}': row 1",
        ),
        (
            "record",
            "NaN",
            "- record: expected JSON as the export writes it, or an empty cell; Input should be an object, "
            "found 'NaN': row 1",
        ),
    ],
)
def test_cells_that_do_not_go_together_are_named(read, columns, cells, message):
    with pytest.raises(InputError) as failed:
        read(f"at,teacher_revision,n_pairs,agreement,{columns}\n2026-01-05,r1,200,0.9,{cells}\n")

    assert message in str(failed.value).splitlines()


def test_one_kind_of_fault_is_one_message_with_its_rows(read):
    rows = "".join(f"2026-01-05,r1,200,{figure}\n" for figure in ("2", "0.9", "3", "4"))

    with pytest.raises(InputError) as failed:
        read(SHORT + rows)

    assert str(failed.value).splitlines()[1:] == ["- agreement: expected a number in [-1, 1], found 2: rows 1, 3 and 4"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("at,n_pairs\n2026-01-05,200\n", "found no teacher_revision and no agreement among at, n_pairs"),
        ("at,teacher_revision,n_pairs,agreement,spearman\n2026-01-05,r1,200,0.9,0.9\n", "'agreement' and 'spearman'"),
        (SHORT, "it has no rows"),
        (SHORT + "2026-01-05,r1,200\n", "row 1, has fewer columns than the header"),
        ("", "weeks.csv"),
    ],
)
def test_a_file_that_is_no_table_of_weeks_is_said(read, text, message):
    with pytest.raises(InputError, match=message):
        read(text)


def test_a_file_that_is_not_there_is_said(history, tmp_path):
    with pytest.raises(InputError, match="There is no file"):
        import_csv(tmp_path / "weeks.csv", history)


@pytest.mark.parametrize("cells", ["2026-11-22,Ada,", ",,Wrong file", "yesterday,Ada,Wrong file"])
def test_a_withdrawal_needs_its_time_name_and_reason(read, history, cells):
    with pytest.raises(InputError, match=r"withdrawn_at"):
        read(SHORT.strip() + f",withdrawn_at,withdrawn_by,withdrawn_reason\n2026-01-05,r1,200,0.9,{cells}\n")

    assert history.runs() == ()


def test_a_week_of_labels_is_a_share(read, history):
    columns = "at,teacher_revision,n_pairs,agreement,agreement_low,agreement_high,baseline,baseline_n_pairs,measure\n"
    read(columns + "2026-01-05,r1,200,0.9,,,0.95,400,Same Label\n2026-01-12,r1,200,1,0.97,1,,,same label\n")

    first, perfect = history.runs()

    assert not first.is_ranked
    # Wilson's limits of 180 of 200 at the t quantile of 199 degrees
    assert (first.agreement.low, first.agreement.high) == (
        pytest.approx(0.8499, abs=1e-3),
        pytest.approx(0.9346, abs=1e-3),
    )
    assert first.null_error == pytest.approx(1 / math.sqrt(4 * 200 * 0.9 * 0.1))
    assert first.heldout.z_error == pytest.approx(1 / math.sqrt(4 * 400 * 0.95 * 0.05))
    assert perfect.null_error == first.scale.sampling_error(1, 200)
    assert [row["measure"] for row in csv.DictReader(io.StringIO(export_csv(history).decode()))] == ["same label"] * 2


def test_a_week_of_an_area_has_its_scale_and_baseline(read, history):
    columns = "at,teacher_revision,n_pairs,agreement,agreement_low,agreement_high,baseline,baseline_n_pairs,measure\n"
    read(columns + "2026-01-05,r1,200,0.9,0.86,0.93,0.95,400,area under the curve\n")

    [week] = history.runs()

    assert (week.measure, week.is_ranked, week.agreement.is_share) == ("area under the curve", True, False)
    assert (week.agreement.low, week.agreement.high) == (0.86, 0.93)
    assert week.scale.agreement(week.scale.z(week.agreement, 0.0)) == pytest.approx(0.9)
    assert [row["measure"] for row in csv.DictReader(io.StringIO(export_csv(history).decode()))] == [week.measure]


def test_a_measure_that_is_none_or_has_no_overlap_is_named(read):
    with pytest.raises(
        InputError, match=r"measure: expected one of Spearman, same label, area under the curve, found 'kappa'"
    ):
        read(SHORT.replace("\n", ",measure\n") + "2026-01-05,r1,200,0.9,kappa\n")
    with pytest.raises(InputError, match="agreement is below 0"):
        read(SHORT.replace("\n", ",measure\n") + "2026-01-05,r1,200,-0.1,same label\n")
    with pytest.raises(InputError, match="overlap is given, and labels have none"):
        read(SHORT.replace("\n", ",measure,overlap,k\n") + "2026-01-05,r1,200,0.9,same label,0.8,20\n")
