"""Names of regions that one may follow, and those that are refused in one message."""

import pytest

from drift_core.canary.decision import Decision
from drift_core.canary.named_regions import followed_regions
from drift_core.errors import InputError, SettingError
from drift_core.history.history import open_history
from drift_core.history.name_region import forget_region, name_region, rename_region
from drift_core.regions.named_region import DRAWN, NamedRegion
from drift_core.regions.picking import with_words
from tests.drift_core.canary.runs_by_hand import MONDAY
from tests.drift_core.history.named_weeks import MARK, WHO, begun, diagnosed, drawn_in, recorded


def test_a_name_that_another_region_ever_had_is_refused(tmp_path):
    place, _ = begun(tmp_path, name="A")
    had = r"had another region called A, by the words “express”, since 20\d\d-\d\d-\d\d"
    with open_history(place) as history:
        name_region(history, NamedRegion(name="B", words="battery"), **WHO)
        rename_region(history, "A", "T", **WHO)
        for refused in (
            lambda: name_region(history, NamedRegion(name="A", words="phone"), **WHO),
            lambda: rename_region(history, "B", "A", **WHO),
        ):
            with pytest.raises(SettingError, match=had):
                refused()
        forget_region(history, "T", **WHO)
        with pytest.raises(SettingError, match="had another region called T"):
            name_region(history, NamedRegion(name="T", words="phone"), **WHO)
        name_region(history, NamedRegion(name="A", words=MARK), **WHO)

    week = recorded(place, diagnosed(4), 1).week

    inside = {
        name: int(with_words(diagnosed(4).production, words).sum()) for name, words in (("A", MARK), ("B", "battery"))
    }
    assert {each.name: each.n_pairs for each in week.run.regions if each.partition == DRAWN} == inside


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({}, "everything is found by words, a value of a column or a place; it has none"),
        ({"words": " "}, "it has none"),
        ({"column": " ", "value": "x"}, "it has none"),
        ({"column": "surface", "value": " "}, "it has none"),
        ({"centroid": "AAEC", "encoder": "e"}, "it has none"),
        ({"centroid": "AAEC", "reach": float("nan"), "encoder": "e"}, "it has none"),
        ({"centroid": "AAE", "reach": 0.5, "encoder": "e"}, "it has none"),
        ({"words": "z" * 10_000}, "at most 200 characters; found 10,000"),
        ({"words": "a", "chosen_rows": "0f"}, "The rows that everything was drawn in cannot be read"),
        ({"words": "a", "name": ""}, "A region needs a name of 1 to 60 characters; found 0"),
        ({"words": "a", "name": "x" * 10_000}, "A region needs a name of 1 to 60 characters; found 10000"),
    ],
)
def test_a_region_without_a_rule_or_a_name_is_not_followed(tmp_path, rule, message):
    region = NamedRegion(**{"name": "everything", **rule})
    with open_history(tmp_path / "canary.db") as history:
        for decide in (
            lambda: name_region(history, region, **WHO),
            lambda: history.decide(Decision(kind="name_region", at=MONDAY, run_key=None, region=region, **WHO)),
        ):
            with pytest.raises(InputError, match=message):
                decide()
        assert history.decisions() == ()


def test_a_name_is_kept_on_one_line(tmp_path):
    with open_history(tmp_path / "canary.db") as history:
        history.decide(
            Decision(kind="name_region", at=MONDAY, run_key=None, region=NamedRegion(name=" A\n", words="x"), **WHO)
        )
        with pytest.raises(SettingError, match="follows A already"):
            name_region(history, NamedRegion(name="A ", words="x"), **WHO)

        assert [each.name for each in followed_regions(history.decisions())] == ["A"]


def test_what_cannot_be_followed_is_one_message(tmp_path):
    place, _ = begun(tmp_path)
    made = diagnosed(1)
    with open_history(place) as history:
        with pytest.raises(SettingError, match="follows express orders already"):
            name_region(history, drawn_in(made), **WHO)
        with pytest.raises(SettingError, match="another region called express orders"):
            name_region(history, drawn_in(made, words="battery"), **WHO)
        with pytest.raises(
            SettingError, match=r"cannot follow loose: its rule, the words .*, finds 20% of these pairs"
        ):
            name_region(history, NamedRegion(name="loose", words="x", found=0.2, others=0.9), **WHO)
        with pytest.raises(SettingError, match=r"follows no named region 'gone'\. It follows: express orders"):
            forget_region(history, "gone", **WHO)
        with pytest.raises(SettingError, match="A decision needs a reason"):
            name_region(history, drawn_in(made, name="b", words="battery"), by="Ada", reason=" ")
        with pytest.raises(InputError, match="A region needs a name"):
            rename_region(history, "express orders", " ", **WHO)
