import pytest

from drift_core.rescoring.prompt import Prompt
from drift_core.rescoring.score_format import CUT, ScoreFormat, Unparsed
from drift_core.rescoring.unscored import BEHIND_THE_WORD, REFUSED, Unreadable, commonest_reason


def told(*texts, reason=None, **form):
    prompt = Prompt(answer=ScoreFormat(**form), max_answer_tokens=1500)
    found = []
    for text in texts:
        read = prompt.answer.read(text)
        assert isinstance(read, Unparsed)
        found.append(Unreadable(reason=reason or read.reason, text=text))
    return commonest_reason(found, prompt)


@pytest.mark.parametrize(
    ("words", "texts", "more"),
    [
        ("2 of 3 answers were cut at 1,500 tokens. Raise --max-answer-tokens", ["<think>a", "<think>b", "Yes"], {}),
        ("1 of 1 answer was cut at 1,500 tokens. Raise", ["{"], {"reason": CUT}),
        ("1 of 1 answer was empty. A model that thinks first may", [" "], {}),
        ("1 of 1 answer was refused by the teacher", ["No."], {"reason": REFUSED}),
        ("--reread --score-key 'mark' reads", ['{"mark": 0.5, "why": "It fits."}'], {}),
        ("gave a score outside [0, 1], such as '{\"score\": 7}'. If that is", ['{"score": 7}'], {}),
        ("--reread --regex '([0-9.]+) ?/ ?5' --score-range 0 5 reads", ["4/5"], {}),
        ("--reread --regex '([0-9.]+) ?/ ?5' reads", ["Score: 4/5"], {"low": 1, "high": 5}),
        (f"--reread --regex '{BEHIND_THE_WORD}' reads", ["**Score**: 0.5, it fits"], {}),
        ("could not be read as the JSON asked for, such as 'Yes'. --reread --regex PATTERN", ["Yes"], {}),
        ("could not be read by the regular expression", ["Yes"], {"regex": r"(\d)"}),
    ],
)
def test_the_commonest_reason_is_told_with_what_mends_it(words, texts, more):
    assert words in told(*texts, **more)


def test_what_costs_nothing_is_named_before_what_buys_the_same_again():
    assert "--retry-unparsed" not in told("Yes", '{"mark": 0.5, "why": ""}', "4/5", '{"score": 7}')


def test_a_suggested_pattern_reads_no_fraction_as_its_first_number():
    form = ScoreFormat(low=0, high=10, regex=BEHIND_THE_WORD)

    assert isinstance(form.read("Score: 4/5"), Unparsed)
    assert isinstance(form.read("Score: 10 / 10"), Unparsed)
    assert form.read("Score: 4.5. It fits 3/4.") == 4.5
