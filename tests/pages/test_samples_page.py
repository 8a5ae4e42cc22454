import json

import numpy as np
import pytest

from tests.drift_core.exports.export_files import EXPORTS, N, pairs
from tests.drift_core.tables.object_servers import environment, object_server
from tests.pages.uploads import both_samples, frame, samples_page, upload
from tests.pages.walk import opened, ran, said


@pytest.fixture
def samples():
    return samples_page()


def test_two_uploads_open_an_investigation_that_other_pages_see(samples):
    upload(samples, "heldout", frame(1))
    upload(samples, "production", frame(2), name="monday.csv")

    assert "60 held-out pairs against 60 production pairs." in said(samples)
    assert "monday.csv" in said(samples)
    assert samples.button("next_spread")
    spread = ran(samples.switch_page("pages/spread.py"))
    assert "Where it scatters" in said(spread)


def test_one_sample_alone_is_shown_and_the_other_is_asked_for(samples):
    upload(samples, "heldout", frame(1))

    assert "60 pairs" in said(samples)
    assert samples.file_uploader("upload_production")
    assert not [button for button in samples.button if button.key == "next_spread"]


def test_a_file_without_a_needed_column_is_explained_and_can_be_mapped(samples):
    upload(samples, "heldout", frame(1))
    upload(samples, "production", frame(2).rename(columns={"judge": "points"}))
    said_wrong = samples.error[0].value.replace("\\", "")
    assert "has no column for teacher" in said_wrong
    assert "--" not in said_wrong

    samples.selectbox("column_production_teacher").set_value("points")
    samples.button("remap_production").click()
    ran(samples)

    assert not samples.error
    assert "60 held-out pairs against 60 production pairs." in said(samples)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 book",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1",
        b"query,teacher,student\na,1,2\n",
        b"Dear all,\nthe samples will follow next week.\n",
        frame(1).assign(judge=0.5).to_csv(index=False).encode(),
    ],
    ids=["empty", "book", "picture", "one row", "prose", "constant"],
)
def test_a_file_that_cannot_be_used_gets_one_message(samples, content):
    upload(samples, "heldout", content, name="scores.png")

    assert ["scores.png" in each.value.replace("\\", "") for each in samples.error] == [True]
    assert samples.button("remove_heldout")


def test_texts_of_a_file_never_become_markup(samples):
    nasty = frame(3).assign(q="**bold** [link](http://example.org) <b>$x$</b> :red[x]")
    nasty["student"] = "high"
    upload(samples, "heldout", nasty, name="a[b](http:c).csv")

    shown = samples.error[0].value
    assert "\\[b\\]\\(http\\:c\\)" in shown


def test_columns_named_by_hand_leave_the_others_and_the_slices_to_be_found(samples):
    odd = frame(1).rename(columns={"judge": "grade_by_gpt"}).assign(ts="2026-03-02", land=["DE", "NL"] * 30)
    upload(samples, "heldout", odd.assign(student_version="ranker-1"))
    assert "has no column for teacher" in samples.error[0].value

    samples.selectbox("column_heldout_teacher").set_value("grade_by_gpt")
    samples.button("remap_heldout").click()
    ran(samples)

    assert not samples.error
    assert "Slices: land  \nVersions: student_version" in said(samples)
    assert "2026-03-02 to 2026-03-02" in said(samples)


def test_the_start_page_asks_of_an_export_that_is_known_which_score_is_whose(samples):
    [(name, content)] = EXPORTS["promptfoo"](pairs()).items()
    app = ran(upload(samples, "heldout", json.dumps(content).encode(), name).switch_page("app.py"))

    assert not app.warning
    [asked] = [each.value.replace("\\", "") for each in app.info]
    assert f"{name}: {N} results of promptfoo. Which score is the teacher's and which the student's?" in asked
    assert app.button("columns_heldout").label == "Say which score is whose"


def test_rows_left_out_are_counted_and_can_be_looked_at(samples):
    broken = frame(4)
    broken.loc[[3, 7], "judge"] = np.nan
    upload(samples, "heldout", broken)

    assert "2 rows left out" in said(samples)
    samples.toggle("rows_heldout_0").set_value(True)
    ran(samples)
    assert samples.dataframe[-1].value["row"].tolist() == [4, 8]


def test_a_teacher_that_changed_inside_production_is_said_with_its_counts(samples):
    upload(samples, "heldout", frame(1))
    upload(samples, "production", frame(2).assign(teacher_version=["old"] * 40 + ["*new*"] * 20))

    (told,) = [str(each.value).replace("\\", "") for each in samples.info]
    assert told.endswith("as the column teacher_version tells: old scored 40 pairs; *new* scored 20 pairs.")


def test_the_same_sample_twice_is_refused_and_can_be_replaced(samples):
    upload(samples, "heldout", frame(1))
    upload(samples, "production", frame(1))
    assert "are the same sample" in samples.error[0].value

    samples.button("remove_production").click()
    ran(samples)
    upload(samples, "production", frame(2))

    assert not samples.error


def test_a_path_inside_the_allowed_folders_is_read(samples, tmp_path, monkeypatch):
    monkeypatch.setenv("DISTILLATION_DRIFT_ROOTS", str(tmp_path))
    frame(1).to_parquet(tmp_path / "held.parquet")

    samples.text_input("path_heldout").set_value(str(tmp_path / "*.parquet"))
    samples.button("read_heldout").click()
    ran(samples)

    assert "60 pairs" in said(samples)


def test_an_address_is_read_where_the_servers_configuration_allows_it_alone(tmp_path, monkeypatch):
    with object_server(tmp_path) as store:
        for name, value in environment(store).items():
            monkeypatch.setenv(name, value)
        content = frame(1).to_csv(index=False).encode()
        store.put("ours/weeks/held.csv", content)
        for allowed, address, said_of_it in (
            ("", "s3://ours/weeks/held.csv", "may not be read by this server"),
            ("s3://ours/week s3://other", "s3://ours/weeks/held.csv", "may not be read by this server"),
            ("s3://ours/weeks", "s3://ours/weeks/../held.csv", "names no file"),
            ("s3://ours/weeks", "s3://me:hush@ours/weeks/held.csv", "not shown here"),
        ):
            monkeypatch.setenv("DISTILLATION_DRIFT_PLACES", allowed)
            samples = samples_page()
            samples.text_input("path_heldout").set_value(address)
            samples.button("read_heldout").click()
            ran(samples)
            assert said_of_it in samples.error[0].value
            assert "hush" not in said(samples)
        assert store.asked() == []

        monkeypatch.setenv("DISTILLATION_DRIFT_PLACES", "hf://datasets/a/b s3://ours/weeks/")
        samples = samples_page()
        samples.text_input("path_heldout").set_value("s3://ours/weeks/held.csv")
        samples.button("read_heldout").click()
        ran(samples)

        assert "60 pairs" in said(samples)
        assert [n_bytes for _, _, n_bytes in store.asked()].count(len(content)) == 1


def refused(samples, field, path):
    """What is said of a path, after one that was refused before is taken away."""
    if any(each.key == f"remove_{field}" for each in samples.button):
        samples.button(f"remove_{field}").click()
        ran(samples)
    samples.text_input(f"path_{field}").set_value(path)
    samples.button(f"read_{field}").click()
    return ran(samples).error[0].value


def test_a_path_outside_the_allowed_folders_is_refused(samples, tmp_path, monkeypatch):
    root = tmp_path / "root"
    root.mkdir()
    (root / "link.csv").symlink_to("/etc/passwd")
    monkeypatch.setenv("DISTILLATION_DRIFT_ROOTS", str(root))

    for path in ("/etc/passwd", f"{root}/../x.csv", "-", f"{root}/link.csv"):
        assert "outside the folders that may be read" in refused(samples, "heldout", path), path


def test_revisions_are_typed_and_kept_on_every_page(samples):
    both_samples(samples)
    samples.text_input("revision_pinned_input").set_value("judge-1")
    samples.text_input("revision_current_input").set_value("judge-2")
    ran(samples)

    spread = ran(samples.switch_page("pages/spread.py"))

    assert "Teacher: judge-1 to judge-2" in said(spread)


def test_a_scenario_says_whether_pinned_scores_are_there():
    assert "No pinned scores" in said(opened("samples"))
    assert "Pinned scores for" in said(opened("samples", scenario="teacher-drift"))


def test_ones_own_files_survive_an_address_that_names_a_scenario(samples):
    both_samples(samples)

    samples.query_params["scenario"] = "healthy"
    ran(samples)

    assert "60 held-out pairs against 60 production pairs." in said(samples)


def test_a_file_over_the_limit_is_sampled_by_whole_queries_and_says_so(samples):
    samples.number_input("field_max_rows_main").set_value(40)
    ran(samples)
    upload(samples, "heldout", frame(1))

    assert "40 of 60 pairs were kept" in samples.info[0].value.replace("\\", "")


def test_a_scenario_read_with_other_columns_keeps_its_other_sample():
    samples = opened("samples")

    samples.selectbox("column_production_doc").set_value("(not used)")
    samples.button("remap_production").click()
    ran(samples)

    assert "1,200 held-out pairs against 1,500 production pairs." in said(samples)
    assert "scenario" not in samples.query_params


def test_a_slice_that_production_spells_otherwise_is_called_alike_by_one_click(samples):
    markets = ["at", "de"] * 30
    upload(samples, "heldout", frame(1).assign(land=markets))
    upload(samples, "production", frame(2).assign(Land=markets))
    assert "held-out has 'land'" in samples.warning[0].value.replace("\\", "")

    samples.button("spelling_Land").click()
    ran(samples)

    assert not samples.warning
    assert said(samples).count("Slices: land") == 2
    assert samples.multiselect("slices_production").value == ["Land"]
    samples.button("remap_production").click()
    ran(samples)
    assert not samples.warning
    assert not samples.error


def test_columns_of_further_runs_and_of_weights_are_shown_and_can_be_left_out(samples):
    upload(samples, "heldout", frame(1).assign(judge_2=frame(3)["judge"], weight=[1.0, 4.0] * 30))
    assert samples.selectbox("column_heldout_weight").value == "weight"
    assert "Column 'weight' was taken for sampling weights, 1 to 4" in said(samples)
    assert samples.multiselect("column_heldout_repeats").value == ["judge_2"]
    assert "Taken as further runs of the same teacher: judge_2" in said(samples)

    samples.multiselect("column_heldout_repeats").set_value([])
    samples.selectbox("column_heldout_weight").set_value("(not used)")
    samples.button("remap_heldout").click()
    ran(samples)

    assert samples.multiselect("column_heldout_repeats").value == []
    assert "further runs of the same teacher: judge" not in said(samples)
    assert samples.selectbox("column_heldout_weight").value == "(not used)"
    assert "sampling weights" not in said(samples)


NO_PATHS = {"~nobody-of-this-name/x.npz": "no home folder has this name", "a\0b.npz": "null character"}


def test_what_can_be_no_path_is_refused(samples):
    for field in ("heldout", "embeddings"):
        for path, said_of_it in NO_PATHS.items():
            assert said_of_it in refused(samples, field, path), (field, path)
        if field == "heldout":
            samples.button("remove_heldout").click()
            both_samples(ran(samples))


def test_an_export_is_asked_for_its_scores_by_their_names_once(samples):
    content = {n: json.dumps(EXPORTS["openai"](pairs(n))["items.json"]).encode() for n in (60, 50)}
    upload(samples, "heldout", content[60], name="heldout.json")
    assert "judge_large, judge_small" in samples.error[0].value.replace("\\", "")

    for role, score in (("teacher", "judge_large"), ("student", "judge_small")):
        samples.selectbox(f"column_heldout_{role}").set_value(score)
    samples.button("remap_heldout").click()
    upload(samples, "production", content[50], name="production.json")

    assert not samples.error
    assert "60 held-out pairs against 50 production pairs." in said(samples)
    assert "was read as an export, 60 output items of openai" in said(samples)
