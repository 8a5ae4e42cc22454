"""Own embeddings on the samples page, in place of the app's encoder."""

import io

import numpy as np
import pandas as pd
import pytest

from pages.components.session import cached
from tests.pages.uploads import both_samples, frame, samples_page, upload
from tests.pages.walk import ran, said


@pytest.fixture
def samples():
    return samples_page()


def vectors_of(*frames, n_numbers=12):
    """One vector a query, the same in both samples, as a Parquet file."""
    queries = pd.concat(frames)["q"].unique()
    drawn = np.random.default_rng(5).normal(size=(len(queries), n_numbers))
    buffer = io.BytesIO()
    pd.DataFrame({"q": queries, "vector": list(drawn)}).to_parquet(buffer)
    return buffer.getvalue()


def bring_embeddings(samples, content, name="mine.parquet"):
    samples.file_uploader("upload_embeddings").set_value((name, content, "application/octet-stream"))
    return ran(samples)


def test_own_embeddings_take_the_place_of_the_encoder_on_all_pages(samples, monkeypatch):
    monkeypatch.setattr(cached, "EmbeddingSource", None)  # nobody calls it
    bring_embeddings(both_samples(samples), vectors_of(frame(1), frame(2)))
    assert "In use: **mine.parquet**, 60 distinct queries, 12 numbers each." in said(samples)

    verdict = ran(samples.switch_page("pages/verdict.py"))

    assert "Embeddings: mine.parquet" in said(verdict)
    assert "What would change the verdict" in said(verdict)


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
