import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest

from drift_core.errors import InputError, SettingError
from drift_core.review.draw import draw_review
from drift_core.review.exchange import export_review, import_answers
from drift_core.review.pairs import ReviewSettings
from drift_core.review.review_file import create_review
from tests.drift_core.review.drawn import answered, halves, labelled


@pytest.fixture
def review(tmp_path):
    return make(tmp_path / "review.db")


def make(path, *, seed=0, sample=None):
    drawn = draw_review(halves(sample or labelled(80)), settings=ReviewSettings(n=40, seed=seed))
    return create_review(drawn, path)


def standing(review):
    return {(each.place, each.reviewer): (each.answer, each.note) for each in review.answers()}


def sheet_rows(review):
    return list(csv.DictReader(io.StringIO(export_review(review, "csv")["review.csv"].decode())))


def as_csv(rows):
    text = io.StringIO()
    table = csv.DictWriter(text, list(rows[0]))
    table.writeheader()
    table.writerows(rows)
    return text.getvalue().encode()


@pytest.mark.parametrize("form", ["csv", "label-studio", "argilla"])
def test_what_goes_out_tells_neither_who_said_what_nor_what_was_answered(review, form):
    review.answer_all(answered(review.draw, ["teacher"] * 40))

    out = b"".join(export_review(review, form).values()).decode()

    assert "doc 4" in out
    assert not [word for word in ("teacher", "student", "Ada", "region", "probability") if word in out]


def test_a_sheet_comes_back_and_what_cannot_be_used_is_counted_with_examples(review):
    rows = sheet_rows(review)
    for row, answer in zip(rows, ("1", "Second", " both ", "perhaps", "none"), strict=False):
        row |= {"answer": answer, "note": "=odd"}
    rows[5]["pair"] = "elsewhere"

    done = import_answers(review, as_csv(rows), name="sheet.csv", reviewer="Ada")

    assert (done.n_read, done.n_new, done.n_blank) == (3, 3, 34)
    assert done.problems == (
        "1 row of no pair of this review, such as 'elsewhere'.",
        "2 rows with an answer that is none of first, second, both and neither, such as 'perhaps', 'none'.",
    )
    assert standing(review) == {
        (n, "Ada"): (said, "=odd") for n, said in enumerate(("first", "second", "both"), start=1)
    }
    assert import_answers(review, as_csv(rows), name="sheet.csv", reviewer="Ada").n_new == 0


def test_a_sheet_that_names_nobody_asks_who_answered(review):
    rows = sheet_rows(review)
    rows[0]["answer"] = "first"

    with pytest.raises(SettingError, match=r"sheet.csv does not say who answered\. Name the reviewer \(--reviewer\)\."):
        import_answers(review, as_csv(rows), name="sheet.csv")


def label_studio(review):
    tasks = json.loads(export_review(review, "label-studio")["label-studio/tasks.json"])
    result = [
        {"from_name": "answer", "to_name": "query", "type": "choices", "value": {"choices": ["second"]}},
        {"from_name": "note", "to_name": "query", "type": "textarea", "value": {"text": ["a note"]}},
    ]
    done = [{"id": 1, "completed_by": 7, "was_cancelled": False, "result": result}]
    skipped = [{"id": 2, "completed_by": {"id": 8, "email": "bo@example.com"}, "was_cancelled": True, "result": []}]
    return [task | {"id": n, "annotations": [done, skipped, []][n % 3]} for n, task in enumerate(tasks)]


def test_label_studio_gets_tasks_and_keys_and_its_json_comes_back(review):
    config = export_review(review, "label-studio")["label-studio/config.xml"].decode()

    done = import_answers(review, json.dumps(label_studio(review)).encode())

    assert '<Choice value="neither" hotkey="4"/>' in config
    assert (done.n_read, done.problems) == (14, ())
    assert standing(review)[(1, "annotator 7")] == ("second", "a note")


def test_label_studios_flat_forms_come_back(review):
    flat = [task["data"] | {"id": n, "annotator": 7, "answer": "second"} for n, task in enumerate(label_studio(review))]
    choices = [row | {"answer": {"choices": ["first"]}, "note": ["a", "b"]} for row in flat]

    assert import_answers(review, as_csv(flat)).n_new == 40
    assert import_answers(review, json.dumps(choices).encode()).n_new == 40
    assert standing(review)[(40, "annotator 7")] == ("first", "a b")


def test_argillas_records_come_back(review):
    records = json.loads(export_review(review, "argilla")["argilla/records.json"])
    user = "0b0f5e0c-0000-4000-8000-000000000001"
    nested = [
        each
        | {"responses": {"answer": [{"value": "both", "user_id": user}], "note": [{"value": "x", "user_id": user}]}}
        for each in records[:2]
    ]

    assert set(records[0]) == {"id", "fields", "metadata", "suggestions", "responses", "vectors"}
    assert import_answers(review, json.dumps(nested + records[2:]).encode()).n_new == 2
    assert standing(review) == {(n, user): ("both", "x") for n in (1, 2)}


USER = "89d69b7a-60b4-404a-81a2-f86d673db039"
RESULT = [
    {"id": "x1", "from_name": "answer", "to_name": "query", "type": "choices", "value": {"choices": ["second"]}},
    {"id": "x2", "from_name": "note", "to_name": "query", "type": "textarea", "value": {"text": ["why"]}},
]
DATED = {"created_at": "2026-11-20T10:00:00.000000Z", "updated_at": "2026-11-20T10:00:00.000000Z", "lead_time": 3.2}


def published(form, data):
    """One answered pair in the words of label-studio-sdk 2.1 and argilla 2.8, which also read what goes out."""
    ada = {"id": 7, "email": "ada@example.com", "first_name": "Ada", "last_name": "L"}
    made = {"id": 10, "completed_by": ada, "was_cancelled": False, "ground_truth": False, "result": RESULT} | DATED
    flat = data | {"id": 1, "answer": "second", "note": "why", "annotator": "ada@example.com", "annotation_id": 10}
    fields = {name: text for name, text in data.items() if name != "pair"}
    known = {"id": data["pair"], "status": "completed", "_server_id": USER}
    one = {question: [{"value": value, "user_id": USER}] for question, value in (("answer", "second"), ("note", "why"))}
    spread = {
        f"{question}.responses{part}": [value]
        for question, said in (("answer", "second"), ("note", "why"))
        for part, value in (("", said), (".users", USER), (".status", "submitted"))
    }
    forms = {
        "label studio": [
            {"id": 1, "data": data, "annotations": [made], "predictions": [], "drafts": [], "meta": {}, "project": 1}
        ],
        "label studio, minimal": [flat | DATED],
        "argilla": [known | {"fields": fields, "metadata": {}, "suggestions": {}, "responses": one, "vectors": {}}],
        "argilla, flat": [known | fields | spread],
    }
    if form == "label studio, table":
        return as_csv([dict(sorted((flat | DATED).items()))])
    return json.dumps(forms[form]).encode()


@pytest.mark.parametrize(
    ("form", "reviewer"),
    [
        ("label studio", "ada@example.com"),
        ("label studio, minimal", "ada@example.com"),
        ("label studio, table", "ada@example.com"),
        ("argilla", USER),
        ("argilla, flat", USER),
    ],
)
def test_what_the_tools_publish_comes_back(review, form, reviewer):
    [data, *_] = [each["data"] for each in json.loads(export_review(review, "label-studio")["label-studio/tasks.json"])]

    done = import_answers(review, published(form, data))

    assert (done.n_read, done.problems) == (1, ())
    assert standing(review) == {(1, reviewer): ("second", "why")}


def test_what_was_discarded_in_argilla_is_no_answer(review):
    [data, *_] = [each["data"] for each in json.loads(export_review(review, "label-studio")["label-studio/tasks.json"])]
    flat = published("argilla, flat", data).replace(b"submitted", b"discarded")

    assert import_answers(review, flat).n_blank == 1
    nested = published("argilla", data).replace(b'"value"', b'"status": "discarded", "value"')
    assert import_answers(review, nested).n_blank == 1
    uneven = published("argilla, flat", data).replace(b'["submitted"]', b"[]")
    with pytest.raises(InputError, match="its JSON has another shape"):
        import_answers(review, uneven)


def test_answers_are_carried_to_a_review_with_other_sides(review, tmp_path):
    review.answer_all(answered(review.draw, ["teacher"] * 20 + ["student"] * 20))
    other = make(tmp_path / "other.db", seed=5)

    done = import_answers(other, export_review(review, "answers")["answers.csv"])
    sheet = sheet_rows(review)
    by_sides = import_answers(other, as_csv([row | {"answer": "first", "reviewer": "Bo"} for row in sheet]))

    def rights(one, reviewer):
        pairs = one.draw.pairs
        return {
            pairs[each.place - 1].pair_digest: pairs[each.place - 1].right(each.answer)
            for each in one.answers()
            if each.reviewer == reviewer
        }

    assert (done.n_new, by_sides.n_new) == (40, 40)
    assert rights(other, "Ada") == rights(review, "Ada")
    first_is = {pair.pair_digest: "teacher" if pair.teacher_first else "student" for pair in review.draw.pairs}
    assert rights(other, "Bo") == first_is


def saved_as(rows, codec="utf-8", delimiter=","):
    return as_csv(rows).decode().replace(",", delimiter).encode(codec)


@pytest.mark.parametrize(
    ("codec", "delimiter"), [("utf-8-sig", ";"), ("utf-16", "\t"), ("cp1252", ","), ("utf-8", "|")]
)
def test_a_sheet_that_a_spreadsheet_saved_comes_back(review, codec, delimiter):
    rows = [row | {"answer": "first", "reviewer": "Zoé", "first": row["first"].upper()} for row in sheet_rows(review)]

    assert import_answers(review, saved_as(rows, codec, delimiter)).n_new == 40
    assert {(each.answer, each.reviewer) for each in review.answers()} == {("first", "Zoé")}


def test_a_sheet_with_a_very_long_doc_comes_back(tmp_path):
    doc = np.array([f"{row} {'long ' * 30_000}" for row in range(8)], dtype=object)
    review = make(tmp_path / "long.db", sample=replace(labelled(8), doc=doc))

    rows = [row | {"answer": "both", "reviewer": "7"} for row in sheet_rows(review)]

    assert import_answers(review, as_csv(rows)).n_new == len(rows)
    assert {each.reviewer for each in review.answers()} == {"7"}


def test_rows_of_other_sides_and_rows_given_twice_are_said(review):
    rows = [row | {"answer": "first", "reviewer": "Ada"} for row in sheet_rows(review)[:3]]
    rows[0]["first"], rows[1]["second"] = "maybe", rows[1]["first"]

    done = import_answers(review, as_csv([*rows, rows[2] | {"answer": "neither"}]))

    assert done.problems == (
        "2 rows whose sides are not those of its pair here, such as 'maybe', 'pass'.",
        "1 row has a pair that the same reviewer answers again; the last counts.",
    )
    assert standing(review) == {(3, "Ada"): ("neither", "")}


def test_tasks_without_a_pair_and_relations_do_not_hinder_the_others(review):
    tasks = label_studio(review)
    tasks[0] |= {"data": {"text": "another project"}}
    tasks[3]["annotations"][0]["result"] += [{"type": "relation", "from_id": "a", "to_id": "b"}]

    done = import_answers(review, json.dumps(tasks).encode())

    assert (done.n_read, done.problems) == (13, ("1 row of no pair of this review, such as ''.",))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a,b\n1,2\n", "has no column pair"),
        (b"[1, 2]", "cannot be read as a sheet, answers, or what Label Studio"),
        (b'[{"query": "q"}]', "holds no pair of this review"),
        (b"\xff\xfe\x00", "is in no encoding that can be read"),
        (b"pair,answer\nx,first\n", "holds no pair of this review"),
        (b'[{"annotations": [{"result": 1}], "data": {}}]', "cannot be read as"),
    ],
)
def test_another_file_is_one_message_and_changes_nothing(review, content, message):
    with pytest.raises(InputError, match=message):
        import_answers(review, content, reviewer="Ada")
    assert review.answers() == ()
    with pytest.raises(SettingError, match="A review can be exported as csv, label-studio, argilla, answers"):
        export_review(review, "xml")
