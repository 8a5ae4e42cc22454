import pytest

from drift_core.errors import InputError, SettingError
from drift_core.weekly_sample.printed_select import print_select
from drift_core.weekly_sample.sample import draw_week
from drift_core.weekly_sample.settings import WeekSettings
from tests.drift_core.weekly_sample.logs import draw


def bad_logs(log):
    return {
        "has no column 'team' to sample by. It has: qid, query": (log, {"by": "team"}, {}),
        "has no column 'judge' that rows need a value in. It has: qid, query": (log, {"having": "judge"}, {}),
        "has: qid, query, doc, cohort, judge. Its teacher looks to be 'judge': --having judge": (
            log[["qid", "query", "doc", "cohort"]].assign(judge=1.0),
            {"having": "teacher_score"},
            {},
        ),
        "has no column for query": (log.drop(columns="query"), {}, {}),
        "has no column 'gone', named for query": (log, {}, {"query": "gone"}),
        "has no rows": (log[:0], {}, {}),
        "has no query in any of its": (log.assign(query=" "), {}, {}),
        "has a column 'weight', which the sample would add": (log.assign(weight=1.0), {}, {}),
        "values, and 100 pairs are wanted": (log, {"by": "doc"}, {}),
    }


def test_each_bad_log_is_one_message(tmp_path, log):
    for message, (given, settings, columns) in bad_logs(log).items():
        with pytest.raises(InputError, match=message.replace("'", ".")):
            draw(tmp_path, given, columns=columns, **settings)
        assert not (tmp_path / "week.parquet").exists()


def test_a_file_that_is_gone_or_broken_and_a_place_that_cannot_be_written_are_told(tmp_path, log):
    settings = WeekSettings(n=100, by="cohort")
    log.to_parquet(tmp_path / "log.parquet")
    (tmp_path / "torn.parquet").write_bytes((tmp_path / "log.parquet").read_bytes()[:3000])

    for logs, out, message in (
        (["gone.csv"], "week.csv", "There is no file"),
        (["*.nothing"], "week.csv", "No file matches"),
        (["torn.parquet"], "week.csv", "cannot be read"),
        (["log.parquet"], "no/week.csv", "there is no folder"),
        (["log.parquet"], "log.parquet", "is a file of the log"),
        ([], "week.csv", "no log"),
    ):
        with pytest.raises(InputError, match=message):
            draw_week([tmp_path / name for name in logs], tmp_path / out, settings=settings)


def test_a_name_that_tells_no_format_and_settings_out_of_range_are_refused(tmp_path, log):
    with pytest.raises(SettingError, match=r"must end in \.parquet, \.pq, \.csv, \.tsv; found"):
        draw(tmp_path, log, out="week.xlsx")
    for wrong in ({"n": 0}, {"n": 1.5}, {"n": True}, {"floor": -1}, {"seed": -1}, {"most_docs": 0}, {"n_clusters": 0}):
        with pytest.raises(SettingError, match=f"sample's {next(iter(wrong))} must be a whole number"):
            draw(tmp_path, log, **wrong)
    with pytest.raises(SettingError, match="found no name"):
        draw(tmp_path, log, by=" ")


def test_rows_that_need_a_value_are_chosen_in_files_only():
    with pytest.raises(SettingError, match="chosen in files only"):
        print_select("duckdb", table="logs", query=None, columns={}, settings=WeekSettings(n=9, having="judge"))
