"""A judge that answers with labels, on every page of the walk."""

import numpy as np
import pandas as pd
import pytest

from tests.pages.uploads import samples_page, upload
from tests.pages.walk import ran, said
from tests.sweeps import sweep

TOPICS = {
    "shoes": "how to return shoes",
    "rain": "will it rain today",
    "tax": "when is tax due",
    "vpn": "vpn is slow",
}
WALK = ("spread", "overlap", "regions", "verdict", "retrain", "costs", "present")


def labelled(seed, *, labels, n=400, with_new=False):
    """Pairs of three topics on which labels differ on one in twenty; of a fourth one in three, in production."""
    rng = np.random.default_rng(seed)
    topics = rng.choice(list(TOPICS) if with_new else list(TOPICS)[:3], n)
    teacher = rng.integers(len(labels), size=n)
    is_off = rng.random(n) < np.where(topics == "vpn", 0.35, 0.05)
    student = np.where(is_off, (teacher + 1) % len(labels), teacher)
    return pd.DataFrame(
        {
            "query": [f"{TOPICS[topic]} case {rng.integers(10_000)}" for topic in topics],
            "doc": [f"about {topic} {rng.integers(10_000)}" for topic in topics],
            "teacher": np.array(labels)[teacher],
            "student": np.array(labels)[student],
            "human_label": np.where(rng.random(n) < 0.3, np.array(labels)[teacher], ""),
        }
    )


KINDS = {"binary": ("fail", "pass"), "nominal": ("refund", "shipping", "other")}


@pytest.mark.parametrize("kind", sweep(KINDS, "nominal"))
def test_every_page_speaks_of_labels(kind):
    labels = KINDS[kind]
    page = upload(samples_page(), "heldout", labelled(1, labels=labels))
    page = upload(page, "production", labelled(2, labels=labels, with_new=True))

    for name in WALK:
        shown = said(ran(page.switch_page(f"pages/{name}.py")))
        assert "Spearman" not in shown, name
        if name in ("verdict", "spread"):
            assert "same label" in shown, name
    form = ran(page.switch_page("pages/rescore.py"))
    template, fields = (next(each for each in form.text_area if part in each.key) for part in ("template", "labels"))
    assert fields.value.splitlines() == sorted(labels)
    assert "{labels}" in template.value
