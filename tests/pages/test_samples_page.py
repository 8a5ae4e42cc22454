import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.components import cached
from tests.pages.walk import SECONDS, opened, ran, said

APP = Path(__file__).parents[2] / "app.py"


def frame(seed, n=60):
    rng = np.random.default_rng(seed)
    teacher = rng.uniform(size=n).round(3)
    return pd.DataFrame(
        {
            "q": [f"question {i % 30} of {seed}" for i in range(n)],
            "judge": teacher,
            "student": (teacher + rng.normal(scale=0.05, size=n)).round(3),
        }
    )


@pytest.fixture
def samples():
    app = ran(AppTest.from_file(APP, default_timeout=SECONDS))
    return ran(app.switch_page("pages/samples.py"))


def upload(samples, side, content, name="pairs.csv"):
    content = content if isinstance(content, bytes) else content.to_csv(index=False).encode()
    samples.file_uploader(f"upload_{side}").set_value((name, content, "text/csv"))
    return ran(samples)


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
    assert "has no column for teacher" in samples.error[0].value.replace("\\", "")

    samples.selectbox("column_production_teacher").set_value("points")
    samples.button("remap_production").click()
    ran(samples)

    assert not samples.error
    assert "60 held-out pairs against 60 production pairs." in said(samples)


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"PK\x03\x04 book", b"query,teacher,student\na,1,2\n"])
def test_a_file_that_cannot_be_used_gets_one_message(samples, content):
    upload(samples, "heldout", content)

    assert len(samples.error) == 1
    assert samples.button("remove_heldout")


def test_texts_of_a_file_never_become_markup(samples):
    nasty = frame(3).assign(q="**bold** [link](http://example.org) <b>$x$</b> :red[x]")
    nasty["student"] = "high"
    upload(samples, "heldout", nasty, name="a[b](http:c).csv")

    shown = samples.error[0].value
    assert "\\[b\\]\\(http\\:c\\)" in shown


def test_rows_left_out_are_counted_and_can_be_looked_at(samples):
    broken = frame(4)
    broken.loc[[3, 7], "judge"] = np.nan
    upload(samples, "heldout", broken)

    assert "2 rows left out" in said(samples)
    samples.toggle("rows_heldout_0").set_value(True)
    ran(samples)
    assert samples.dataframe[-1].value["row"].tolist() == [4, 8]


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


@pytest.mark.parametrize("path", ["/etc/passwd", "{root}/../x.csv", "-", "{root}/link.csv"])
def test_a_path_outside_the_allowed_folders_is_refused(samples, tmp_path, monkeypatch, path):
    root = tmp_path / "root"
    root.mkdir()
    (root / "link.csv").symlink_to("/etc/passwd")
    monkeypatch.setenv("DISTILLATION_DRIFT_ROOTS", str(root))

    samples.text_input("path_heldout").set_value(path.format(root=root))
    samples.button("read_heldout").click()
    ran(samples)

    assert "outside the folders that may be read" in samples.error[0].value


def test_revisions_are_typed_and_kept_on_every_page(samples):
    upload(samples, "heldout", frame(1))
    upload(samples, "production", frame(2))
    samples.text_input("revision_pinned_input").set_value("judge-1")
    samples.text_input("revision_current_input").set_value("judge-2")
    ran(samples)

    spread = ran(samples.switch_page("pages/spread.py"))

    assert "Teacher: judge-1 to judge-2" in said(spread)


def test_a_scenario_says_whether_pinned_scores_are_there():
    assert "No pinned scores" in said(opened("samples"))
    assert "Pinned scores for" in said(opened("samples", scenario="teacher-drift"))


def test_ones_own_files_survive_an_address_that_names_a_scenario(samples):
    upload(samples, "heldout", frame(1))
    upload(samples, "production", frame(2))

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


def test_columns_of_further_runs_are_shown_and_can_be_left_out(samples):
    upload(samples, "heldout", frame(1).assign(judge_2=frame(3)["judge"]))
    assert samples.multiselect("column_heldout_repeats").value == ["judge_2"]
    assert "Taken as further runs of the same teacher: judge_2" in said(samples)

    samples.multiselect("column_heldout_repeats").set_value([])
    samples.button("remap_heldout").click()
    ran(samples)

    assert samples.multiselect("column_heldout_repeats").value == []
    assert "further runs of the same teacher: judge" not in said(samples)


def test_a_column_of_sampling_weights_is_shown_and_can_be_left_unused(samples):
    upload(samples, "production", frame(1).assign(weight=[1.0, 4.0] * 30))
    assert samples.selectbox("column_production_weight").value == "weight"
    assert "Column 'weight' was taken for sampling weights, 1 to 4" in said(samples)

    samples.selectbox("column_production_weight").set_value("(not used)")
    samples.button("remap_production").click()
    ran(samples)

    assert samples.selectbox("column_production_weight").value == "(not used)"
    assert "sampling weights" not in said(samples)


def vectors_of(*frames, n_numbers=12):
    """One vector a query, the same in both samples, as a Parquet file."""
    queries = pd.concat(frames)["q"].unique()
    drawn = np.random.default_rng(5).normal(size=(len(queries), n_numbers))
    buffer = io.BytesIO()
    pd.DataFrame({"q": queries, "vector": list(drawn)}).to_parquet(buffer)
    return buffer.getvalue()


def both_samples(samples):
    upload(samples, "heldout", frame(1))
    return upload(samples, "production", frame(2))


def bring_embeddings(samples, content, name="mine.parquet"):
    samples.file_uploader("upload_embeddings").set_value((name, content, "application/octet-stream"))
    return ran(samples)


def test_own_embeddings_take_the_place_of_the_encoder_on_all_pages(samples, monkeypatch):
    monkeypatch.setattr(cached, "embed_queries", None)  # nobody calls it
    bring_embeddings(both_samples(samples), vectors_of(frame(1), frame(2)))
    assert "In use: **mine.parquet**, 60 distinct queries, 12 numbers each." in said(samples)

    verdict = ran(samples.switch_page("pages/verdict.py"))

    assert "Embeddings: mine.parquet" in said(verdict)
    assert "What it rests on" in said(verdict)


def test_own_embeddings_that_do_not_fit_are_said_by_their_name_and_change_nothing(samples):
    bring_embeddings(both_samples(samples), vectors_of(frame(1)), name="half.parquet")

    (error,) = samples.error
    said_of_it = error.value.replace("\\", "")
    assert said_of_it.startswith("half.parquet: 30 of 60 distinct queries have no vector")
    assert "kept_own_embeddings" not in samples.session_state


def test_own_embeddings_are_let_go_and_go_with_their_samples(samples):
    bring_embeddings(both_samples(samples), vectors_of(frame(1), frame(2)))
    samples.button("remove_production").click()
    ran(samples)
    upload(samples, "production", frame(3))
    assert "The samples changed, so mine.parquet is not used any more." in samples.warning[0].value.replace("\\", "")

    bring_embeddings(samples, vectors_of(frame(1), frame(3)), name="new.parquet")
    assert "In use: **new.parquet**" in said(samples)
    samples.button("remove_embeddings").click()
    ran(samples)
    assert "In use: " not in said(samples)


NO_PATHS = {"~nobody-of-this-name/x.npz": "no home folder has this name", "a\0b.npz": "null character"}


@pytest.mark.parametrize("field", ["heldout", "embeddings"])
@pytest.mark.parametrize(("path", "said_of_it"), NO_PATHS.items())
def test_what_can_be_no_path_is_refused(samples, field, path, said_of_it):
    if field == "embeddings":
        both_samples(samples)

    samples.text_input(f"path_{field}").set_value(path)
    samples.button(f"read_{field}").click()
    ran(samples)

    assert said_of_it in samples.error[0].value


def test_own_embeddings_may_have_a_name_that_no_file_system_takes(samples):
    bring_embeddings(both_samples(samples), vectors_of(frame(1), frame(2)), name="\u00fc" * 300 + ".parquet")

    assert "In use: **" + "\u00fc" * 75 + ".parquet**" in said(samples)


def test_own_embeddings_come_by_a_path_inside_the_allowed_folders(samples, tmp_path, monkeypatch):
    monkeypatch.setenv("DISTILLATION_DRIFT_ROOTS", str(tmp_path / "inside"))
    (tmp_path / "inside").mkdir()
    both_samples(samples)

    for place, expected in (("", "is outside the folders that may be read"), ("inside", "")):
        path = tmp_path / place / "mine.parquet"
        path.write_bytes(vectors_of(frame(1), frame(2)))
        samples.text_input("path_embeddings").set_value(str(path))
        samples.button("read_embeddings").click()
        ran(samples)
        assert expected in "".join(each.value for each in samples.error).replace("\\", "")

    assert "In use: **mine.parquet**" in said(samples)
