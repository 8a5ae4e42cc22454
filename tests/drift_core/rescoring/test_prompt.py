import pytest

from drift_core import InputError, SettingError
from drift_core.rescoring.prompt import Prompt, read_template
from drift_core.rescoring.score_format import ScoreFormat


def test_texts_with_braces_stand_for_themselves():
    prompt = Prompt(template='{query}|{doc}|{low}..{high}|{"score": 1}|{other}', answer=ScoreFormat(low=0, high=3))

    assert prompt.text("{doc} {low}", "{query}\\1") == '{doc} {low}|{query}\\1|0..3|{"score": 1}|{other}'


@pytest.mark.parametrize(
    ("template", "missing"), [("{query}", "{doc}"), ("{doc}", "{query}"), ("", "{query} and {doc}")]
)
def test_a_template_without_a_place_is_refused(template, missing):
    with pytest.raises(SettingError) as caught:
        Prompt(template=template)

    assert f"it lacks {missing}." in str(caught.value)


@pytest.mark.parametrize("more", [{"temperature": 3}, {"temperature": -1}, {"max_answer_tokens": 0}])
def test_numbers_out_of_range_are_refused(more):
    with pytest.raises(SettingError):
        Prompt(**more)


def test_the_digest_follows_whatever_can_change_a_score():
    base = Prompt()
    others = [
        Prompt(template="{query} {doc}"),
        Prompt(answer=ScoreFormat(low=0, high=3)),
        Prompt(answer=ScoreFormat(regex="(.)")),
        Prompt(temperature=None),
    ]

    assert len({base.digest, *(each.digest for each in others)}) == 5
    assert Prompt(max_answer_tokens=9).digest == base.digest == Prompt(answer=ScoreFormat(low=0, high=1)).digest


def test_a_template_file_is_utf8_text(tmp_path):
    good, bad = tmp_path / "good.txt", tmp_path / "bad.txt"
    good.write_bytes(b"\xef\xbb\xbf{query} \xc3\xa4 {doc}")
    bad.write_bytes(b"{query} \xff {doc}")

    assert read_template(good) == "{query} ä {doc}"
    with pytest.raises(InputError, match="no UTF-8 text"):
        read_template(bad)
    with pytest.raises(InputError, match="cannot be read"):
        read_template(tmp_path / "none.txt")
