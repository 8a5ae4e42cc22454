"""A broken export gets one message with what was expected, what was found, where, and what to do."""

import json

import pandas as pd
import pytest

from drift_core.errors import InputError
from drift_core.exports import records
from drift_core.samples.reading import read_pairs
from tests.drift_core.exports.export_files import EXPORTS, STUDENT, TEACHER, pairs, write
from tests.drift_core.exports.test_exports import CHOSEN, read, said

SEPARATE = {"langfuse": "scores.jsonl", "phoenix": "annotations.json", "langsmith": "feedback.jsonl"}
IN_LISTS = ["mlflow", "deepeval", "openai", "otel", *SEPARATE]  # where one name can come twice


@pytest.mark.parametrize("name", EXPORTS)
def test_a_file_cut_off_is_told(name, tmp_path):
    files = EXPORTS[name](pairs())
    write(files, tmp_path)
    path = tmp_path / next(iter(files))
    path.write_text(path.read_text()[:-30])

    with pytest.raises(InputError, match=r"is it whole and named rightly\? The reader says: Malformed JSON"):
        read_pairs(str(tmp_path / "*"), columns=CHOSEN)


def test_a_row_of_a_table_that_does_not_fit_its_header_is_left_out_and_told(tmp_path):
    for name, rows in EXPORTS["langfuse"](pairs()).items():
        pd.DataFrame(rows).to_csv(tmp_path / name.replace("jsonl", "csv"), index=False)
    with (tmp_path / "scores.csv").open("a") as file:
        file.write("torn\n")

    sample = read_pairs(str(tmp_path / "*"), columns=CHOSEN)

    assert len(sample) == 24
    torn = f"{tmp_path}/scores.csv: 1 row has fewer columns than the header: row 49. Left out."
    assert said(sample)["unreadable_row"] == torn


@pytest.mark.parametrize("name", EXPORTS)
def test_scores_that_are_objects_are_none_and_that_is_told(name, tmp_path):
    files = EXPORTS[name]([{**pair, TEACHER: {"a": 1}, STUDENT: [0.5]} for pair in pairs()])

    with pytest.raises(InputError, match=r"but no scores of them|no numbers"):
        read(files, tmp_path)


@pytest.mark.parametrize("name", [name for name in EXPORTS if name not in ("openinference", "ragas")])
def test_an_export_without_scores_is_told(name, tmp_path):
    files = EXPORTS[name]([{key: pair[key] for key in ("id", "query", "doc", "day")} for pair in pairs()])

    within = "in (metricsData|assessments|info.assessments|namedScores|results|scores); docs/files.md says"
    where = within if len(files) == 1 and name not in ("otel", "phoenix") else r"where they are a file of their own"
    with pytest.raises(InputError, match=rf"holds \d+ .*, but no scores of them\. Expected scores .*{where}"):
        read({file: documents for file, documents in files.items() if documents}, tmp_path)


@pytest.mark.parametrize("name", SEPARATE)
def test_scores_without_their_texts_are_told(name, tmp_path):
    files = EXPORTS[name](pairs())

    with pytest.raises(InputError, match=r"but not the texts that they are of\. Give the file that holds"):
        read({SEPARATE[name]: files[SEPARATE[name]]}, tmp_path)


@pytest.mark.parametrize("name", SEPARATE)
def test_scores_of_other_records_are_told(name, tmp_path):
    files = EXPORTS[name](pairs())
    others = EXPORTS[name]([{**pair, "id": f"b{pair['id']}"} for pair in pairs()])

    with pytest.raises(InputError, match=r"none of 48 scores is of a pair .*The first score is of '.*ba0'.*'.*a0'"):
        read({**files, SEPARATE[name]: others[SEPARATE[name]]}, tmp_path)


@pytest.mark.parametrize("name", ["langfuse", "langsmith"])
def test_a_score_whose_record_is_not_there_is_counted(name, tmp_path):
    files, more = EXPORTS[name](pairs()), EXPORTS[name]([{**pairs()[0], "id": "gone"}])

    sample = read({**files, "more.jsonl": more[SEPARATE[name]]}, tmp_path)

    assert said(sample)["score_of_nothing"].startswith("2 scores are of nothing that the export holds, the first of '")
    assert len(sample) == 24


@pytest.mark.parametrize("name", IN_LISTS)
@pytest.mark.parametrize("value", [None, 0.999])
def test_two_scores_of_one_name_are_told(name, value, tmp_path):
    first = pairs()[0]
    again = {**first, TEACHER: first[TEACHER] if value is None else value}
    files, more = EXPORTS[name](pairs()), EXPORTS[name]([again])
    for file, documents in files.items():
        _add_scores(documents, more[file])

    sample = read(files, tmp_path)

    if value is None:
        assert len(sample) == 24
        assert "came again with the same name and value. Counted once." in said(sample)["repeated_score"]
    else:
        assert len(sample) == 23
        assert f"several different scores of one name, the first of '{TEACHER}'" in said(sample)["several_scores"]


def _add_scores(held, more):
    """Add the scores of the first record of one export to the first of another."""
    if isinstance(held, dict):
        for key in held.keys() & more.keys():
            if isinstance(held[key], list) and key in ("assessments", "metricsData", "results", "events", "logRecords"):
                held[key] += more[key]
            elif isinstance(held[key], dict | list):
                _add_scores(held[key], more[key])
    elif held and isinstance(held[0], dict):
        if {"run_id", "annotator_kind", "data_type"} & held[0].keys():
            held += more
        elif "span_id" not in held[0]:
            _add_scores(held[0], more[0])


def test_a_document_too_large_or_too_deep_is_told(tmp_path, monkeypatch):
    path = write(EXPORTS["deepeval"](pairs()), tmp_path)
    monkeypatch.setattr(records, "MAX_DOCUMENT_BYTES", 1_000)
    with pytest.raises(
        InputError, match=r"JSON document 1 has more than 1,000 bytes\. Export it in parts, or as JSON lines"
    ):
        read_pairs(path, columns=CHOSEN)

    deep = tmp_path / "deep.jsonl"
    start = '{"id": "a", "run_type": "x", "outputs": "y", "inputs": '
    deep.write_text(f'{start}"z"}}\n{start}{"[" * 90_000}{"]" * 90_000}}}')
    monkeypatch.setattr(records, "MAX_DOCUMENT_BYTES", 1 << 20)
    with pytest.raises(InputError, match="JSON document 2 is nested too deeply"):
        read_pairs(deep, columns=CHOSEN)


def test_records_that_come_again_are_told(tmp_path):
    files = EXPORTS["langsmith"](pairs())
    again = [files["runs.jsonl"][0], {**files["runs.jsonl"][1], "outputs": {"answer": "another"}}]

    sample = read({**files, "again.jsonl": again}, tmp_path)

    assert said(sample)["repeated_record"] == (
        "2 records came again with the id of an earlier one, which stays. The texts of 1 of them differs."
    )
    assert len(sample) == 24


def test_more_names_than_judges_are_told(tmp_path):
    files = EXPORTS["braintrust"](pairs())
    for place, row in enumerate(files["events.jsonl"]):
        row["scores"] = {f"user {place * 10 + number}": 1 for number in range(10)}

    with pytest.raises(InputError, match="holds more than 200 names of scores, such as user 0, user 1, user 10"):
        read(files, tmp_path)


def test_text_of_users_is_not_taken_for_sql(tmp_path):
    odd = 'it\'s "odd"; drop table x --'
    files = EXPORTS["braintrust"](pairs())
    for row in files["events.jsonl"]:
        row["scores"] = {odd: row["scores"][TEACHER], STUDENT: row["scores"][STUDENT]}
        row["input"] = odd
    path = tmp_path / "odd.json"
    path.write_text(json.dumps(files["events.jsonl"]))

    sample = read_pairs(path, columns={"teacher": odd, "student": STUDENT})

    assert len(sample) == 24
    assert sample.query[0] == odd


@pytest.mark.parametrize("as_a_score_has_it", [int, float, str])
def test_ids_that_are_numbers_are_joined(as_a_score_has_it, tmp_path):
    feedback, runs = EXPORTS["langsmith"](pairs()).values()
    numbers = {run["id"]: number for number, run in enumerate(runs)}
    files = {
        "runs.jsonl": [{**run, "id": numbers[run["id"]]} for run in runs],
        "feedback.jsonl": [{**each, "run_id": as_a_score_has_it(numbers[each["run_id"]])} for each in feedback],
    }

    sample = read_pairs(write(files, tmp_path), columns=CHOSEN)

    assert len(sample) == len(runs)
    assert not [problem for problem in sample.problems if problem.name == "score_of_nothing"]


def test_a_score_is_named_as_the_export_has_it_also_where_a_role_is_called_so(tmp_path):
    feedback, runs = EXPORTS["langsmith"](pairs()).values()
    called = {TEACHER: "query", STUDENT: "Timestamp"}
    files = {"runs.jsonl": runs, "feedback.jsonl": [{**each, "key": called[each["key"]]} for each in feedback]}

    sample = read_pairs(write(files, tmp_path), columns={"teacher": "query", "student": "Timestamp"})

    assert [sample.columns[role] for role in ("teacher", "student")] == ["query (score)", "Timestamp (score)"]


def test_an_export_that_is_no_json_to_the_letter_is_told(tmp_path):
    path = tmp_path / "runs.jsonl"
    feedback, runs = EXPORTS["langsmith"](pairs()).values()
    path.write_text("".join(f"{json.dumps(each)}\n" for each in (*runs, *feedback)).rstrip()[:-1] + ",}")

    with pytest.raises(InputError, match=r"JSON document \d+ cannot be read: Expecting property name"):
        read_pairs(path, columns=CHOSEN)


@pytest.mark.parametrize("outputs", [{}, [], "{}", None, ""])
def test_what_is_empty_is_no_doc(outputs, tmp_path):
    files = EXPORTS["langsmith"](pairs())
    files["runs.jsonl"][3]["outputs"] = outputs

    sample = read_pairs(write(files, tmp_path), columns=CHOSEN)

    assert list(sample.doc).count("") == 1
    assert "missing_doc" in said(sample)
