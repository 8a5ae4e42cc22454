"""Answers are read through what judges write around them, and words for yes and no in the larger languages."""

import pandas as pd
import pytest

from drift_core.errors import InputError
from drift_core.samples.label_words import OPPOSITES, SIGNS, fold
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.reading import read_pairs

N = 60


def read(written: str, **options: object) -> ScoredPairs:
    """Values, apart by ``|``, repeated down N rows, the student's one further on."""
    values = written.split("|")
    sides = {"teacher": values, "student": [*values[1:], values[0]]}
    repeated = {name: [each[row % len(each)] for row in range(N)] for name, each in sides.items()}
    return read_pairs(pd.DataFrame({"query": [f"query {row}" for row in range(N)], "doc": "doc"} | repeated), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "written",
    [
        *("aprobado|suspenso", "Aprobada|Reprobada", "correcta|incorrecta", "válido|inválido", "valido|invalido"),
        *("réussite|échec", "reussite|echec", "accepté|refusé", "valide|invalide", "bon|mauvais"),
        *("bestanden|durchgefallen", "korrekt|falsch", "zutreffend|unzutreffend", "gültig|ungültig"),
        *("promosso|bocciato", "corretto|sbagliato", "aprovado|reprovado", "correto|errado", "passou|falhou"),
        *("goed|fout", "waar|onwaar", "geslaagd|gezakt", "correct|onjuist", "prawda|fałsz", "prawda|falsz"),
        *("zdane|niezdane", "poprawna|błędna", "верно|неверно", "합격|불합격", "正しい|間違い", "適合|不適合", "〇|×"),
        *("真|假", "正确|错误", "通过|未通过", "相关|不相关", "是|不是", "👍|👎", "👍🏽|👎🏻", "✔️|✖️", "🟢|🔴", "1|-1"),
        *("Verdict: pass|verdict = FAIL", "**Verdict:** pass|**Verdict:** fail", "`pass`|`fail`", "Pass!|Fail!"),
        *(
            "PASS ✅|FAIL ❌",
            "✅ Yes|❌ No",
            "✅ **Yes**|❌ **No**",
            "success|failed",
            "not bad|bad",
            "not unsafe|unsafe",
            "The answer is yes.|The answer is no.",
            "# pass|- fail",
            "Output: 1|Output: 0",
        ),
        *("<verdict>pass</verdict>|<verdict>fail</verdict>", '{"verdict": "pass"}|{"verdict": "fail"}'),
        *("Urteil: ja|Urteil: nein", "Veredicto: aprobado|Veredicto: suspenso", "判定：合格|判定：不合格"),
    ],
)
def test_two_answers_are_read_as_yes_and_no(written: str) -> None:
    found = read(written)

    assert found.kind.name == "binary"
    assert (found.teacher[:2].tolist(), len(found)) == ([1, 0], N)


@pytest.mark.parametrize(
    ("written", "kind", "codes"),
    [
        ("Score: 4|Score: 3|score 5", "ordinal", [4, 3, 5]),
        ("**Score:** 4|Score: **2**", "ordinal", [4, 2]),
        ("Rating: [[4]]|Rating: [[7]]", "ordinal", [4, 7]),
        ("Rating: 4/5|Rating: 3/5 stars", "ordinal", [4, 3]),
        ("4 stars|4分|2 points", "ordinal", [4, 4, 2]),
        ("★★★★☆|★★☆☆☆|☆☆☆☆☆", "ordinal", [4, 2, 0]),
        ("*|**|***|****|*****", "ordinal", [1, 2, 3, 4, 5]),
        ("✅ relevant|❌ relevant|✅ clear", "nominal", [0, 2, 1]),
        ("✅ yes|❌ yes|✅ no", "nominal", [0, 2, 1]),
        ("5 (excellent)|3 - fair", "ordinal", [5, 3]),
        ('{"score": 4}|<score>3</score>|\\boxed{2}', "ordinal", [4, 3, 2]),
        ("Score: 0.8|Score: 0.35|Score: 0.5", "numeric", [0.8, 0.35, 0.5]),
        ("Grade: B|Grade: A|Grade: C", "ordinal", [1, 2, 0]),
        ("bad|ok|good", "ordinal", [0, 1, 2]),
        ("Winner: A|**Winner:** Assistant B|Winner: tie", "pairwise", [0, 1, 2]),
        ("A > B|B > A", "pairwise", [0, 1]),
        ("Label: spam|label: Ham|spam", "nominal", [1, 0, 1]),
        ("line|online", "nominal", [0, 1]),
    ],
)
def test_what_stands_around_an_answer_does_not_count(written: str, kind: str, codes: list[float]) -> None:
    found = read(written)

    assert (found.kind.name, found.teacher[: len(codes)].tolist(), len(found)) == (kind, codes, N)


def test_letters_after_the_word_answer_are_asked_for() -> None:
    with pytest.raises(InputError, match=r"hold the letters A, B.*ordinal .* or pairwise .*--kind"):
        read("Answer: A|Answer: B")

    assert read("Answer: A|Answer: B", kind="pairwise").teacher[:2].tolist() == [0, 1]


def test_numbers_below_zero_are_said_to_be_grades_and_may_be_verdicts() -> None:
    found = read("-1|0|1")

    assert (found.kind.name, found.teacher[:3].tolist()) == ("ordinal", [-1, 0, 1])
    assert [each.name for each in found.problems] == ["order_of_grades"]
    assert "The numbers -1, 0, 1 were read as grades" in found.problems[0].message
    assert read("-1|0|1", kind="pairwise", labels=("1", "-1", "0")).teacher[:3].tolist() == [1, 2, 0]


def test_a_word_means_no_or_yes_and_stays_as_it_is_when_folded() -> None:
    assert not {no for no, _ in OPPOSITES} & {yes for _, yes in OPPOSITES}
    assert [word for word in SIGNS if fold(word) != word] == []


def test_numbers_beside_another_scale_are_counted_however_they_are_written() -> None:
    given = [*["4/5", "3/5", "2/10"] * 6, "Score: 4", "[[3]]"]

    found = read("|".join(given))

    assert len(found) < N
    assert any("Score: 4" in each.message or "[[3]]" in each.message for each in found.problems if each.left_out)


@pytest.mark.parametrize(
    "written", ["good|acceptable|bad", "sufficiente|buono|insufficiente", "bon|mauvais|acceptable"]
)
def test_words_of_one_sign_that_may_be_steps_of_a_scale_are_asked_for(written: str) -> None:
    with pytest.raises(InputError, match=r"Are they grades, or other words for yes and no\? Choose ordinal"):
        read(written)

    assert read(written, kind="binary").kind.name == "binary"
    assert read("correct|wrong|right").kind.name == read("yes|true|no").kind.name == "binary"
