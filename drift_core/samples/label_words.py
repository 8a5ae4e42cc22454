"""Words that judges answer with: yes or no in several languages, grades, verdicts on two answers."""

import re
import unicodedata
from collections.abc import Collection, Mapping

_CALL = (
    "parse|parsing|parser|json|decode|decoding|api|http|server|internal|connection|network|format|validation|runtime|"
    "value|key|type|model|judge|teacher|llm|call|request|response|output|score|scoring|rate limit|time ?out|unknown"
)
_FAULT = r"(error|failed|failure|exception|time ?out|timed out)"
_FAILURE = re.compile(  # the whole label, or what a colon or a number goes on: a class may be called spelling error
    rf"((({_CALL}) ?)*{_FAULT}s?|invalid( ({_CALL}))?|un ?pars[a-z]*ble|(could|can) ?not (be )?pars(e|ed)|"
    r"rate limit(ed)?|too many requests|overloaded|service unavailable|connection [a-z]+|content filter(ed)?|"
    r"http \d{3}|failed to \w+)([^\w\s].*|\s*\d.*|\s+after .*)?"
)
# Words for no that a failed call may leave as well, each with the words for yes beside which they are labels.
_FAILED_OR_NO = {
    **{word: {"success", "pass", "passed"} for word in ("failed", "failure")},
    "invalid": {"valid"},
}
# Negative word, positive word. A word means one of both in all languages; its spelling without accents is known too.
_OPPOSITES = """
no/yes n/y false/true f/t 0/1 fail/pass failed/passed incorrect/correct wrong/right wrong/correct not_ok/ok bad/good
irrelevant/relevant negative/positive reject/accept rejected/accepted denied/approved deny/approve failure/success
unsafe/safe invalid/valid no_match/match unacceptable/acceptable unfaithful/faithful unsupported/supported
unhelpful/helpful unresolved/resolved ungrounded/grounded noncompliant/compliant inaccurate/accurate
no/sí falso/verdadero incorrecto/correcto incorrecta/correcta suspenso/aprobado reprobado/aprobado desaprobado/aprobado
suspensa/aprobada reprobada/aprobada rechazado/aceptado rechazada/aceptada irrelevante/relevante inválido/válido
malo/bueno mala/buena fracaso/éxito
non/oui faux/vrai échoué/réussi échec/réussite échec/succès refusé/admis refusé/accepté rejeté/accepté invalide/valide
mauvais/bon inacceptable/acceptable
nein/ja falsch/richtig falsch/wahr falsch/korrekt inkorrekt/korrekt durchgefallen/bestanden schlecht/gut
abgelehnt/angenommen abgelehnt/akzeptiert fehlgeschlagen/erfolgreich unzutreffend/zutreffend ungültig/gültig
ungenügend/genügend
no/sì falso/vero errato/corretto errata/corretta sbagliato/corretto sbagliata/corretta scorretto/corretto
bocciato/promosso respinto/accettato rifiutato/accettato insufficiente/sufficiente cattivo/buono fallito/riuscito
invalido/valido
não/sim falso/verdadeiro errado/certo errado/correto incorreto/correto incorreta/correta reprovado/aprovado
reprovada/aprovada rejeitado/aceito rejeitado/aprovado recusado/aceite falhou/passou ruim/bom mau/bom
nee/ja onwaar/waar onjuist/juist fout/goed gezakt/geslaagd onvoldoende/voldoende afgekeurd/goedgekeurd slecht/goed
afgewezen/geaccepteerd ongeldig/geldig onjuist/correct
nie/tak fałsz/prawda niepoprawne/poprawne niepoprawna/poprawna niepoprawny/poprawny błędne/poprawne błędna/poprawna
błędny/poprawny niezdane/zdane niezdany/zdany niezaliczone/zaliczone niezaliczony/zaliczony odrzucone/zaakceptowane
odrzucony/zaakceptowany źle/dobrze nieprawidłowe/prawidłowe nieprawidłowa/prawidłowa nieważny/ważny
nej/ja nei/ja ne/ano hayır/evet ei/kyllä нет/да неверно/верно ложь/истина плохо/хорошо لا/نعم 아니요/예 아니오/예
아니요/네 불합격/합격 거짓/참 틀림/맞음 나쁨/좋음
いいえ/はい 偽/真 誤/正 不合格/合格 不正解/正解 間違い/正しい 誤り/正しい 正しくない/正しい 悪い/良い 不適切/適切
不可/可 関連なし/関連あり 失敗/成功
否/是 不是/是 错/对 錯/對 错误/正确 錯誤/正確 未通过/通过 未通過/通過 假/真 坏/好 差/好 失败/成功 拒绝/接受
❌/✅ ✗/✓ ✘/✔ ✖/✔ ✕/○ ×/○ ✕/◯ ×/◯ ×/〇 ☒/☑ 👎/👍 🔴/🟢 :thumbsdown:/:thumbsup: :-1:/:+1:
"""


def _without_accents(text: str) -> str:
    apart = unicodedata.normalize("NFD", text.replace("ł", "l"))
    return unicodedata.normalize("NFC", "".join(sign for sign in apart if not "\u0300" <= sign <= "\u036f"))


def _pairs(written: str) -> tuple[tuple[str, str], ...]:
    spelt = [pair.replace("_", " ").split("/") for pair in written.split()]
    return tuple(dict.fromkeys((turn(no), turn(yes)) for turn in (str, _without_accents) for no, yes in spelt))


OPPOSITES = _pairs(_OPPOSITES)
# Before a word, what says its opposite.
NOT = r"((not|non|no|nicht|kein|pas|niet|inte|ikke|ikkje|nie|nao|não|не) |不|未|非|불|비)"
SIGNS: Mapping[str, float] = {word: float(sign) for pair in OPPOSITES for sign, word in enumerate(pair)}
LETTERS = tuple(letter + sign for letter in "fedcba" for sign in ("-", "", "+"))  # lowest first
SCALES = (
    ("very low", "low", "medium", "high", "very high"),
    ("very poor", "poor", "fair", "good", "very good", "excellent"),
    ("bad", "ok", "good", "excellent"),
    ("strongly disagree", "disagree", "neutral", "agree", "strongly agree"),
    ("irrelevant", "partially relevant", "relevant", "highly relevant"),
    ("sehr schlecht", "schlecht", "mittel", "gut", "sehr gut"),
    ("onvoldoende", "voldoende", "goed", "zeer goed"),
)
PAIRWISE = ("A", "B", "tie")
_SIDES = (
    *("", "model ", "assistant ", "response ", "answer ", "output ", "option ", "candidate ", "completion "),
    *("antwort ", "r\u00e9ponse ", "respuesta "),
)
_TIES = (
    *("tie", "tied", "c", "both", "equal", "draw", "same", "neither", "a=b", "b=a", "tie (bothbad)", "tie (both bad)"),
    *("both bad", "both good", "no winner", "equally good", "both equal", "both are equal", "equally bad"),
    *("unentschieden", "beide gleich", "gleich gut", "gleichwertig"),
)
# Of one answer against another, which counts as A; of two side by side.
ONE_SIDED = (("win", "wins", "won", "chosen", "left"), ("lose", "loses", "loss", "lost", "rejected", "right"))
_STRONGER = (("a>b", "a>>b", "b<a", "b<<a", "first"), ("b>a", "b>>a", "a<b", "a<<b", "second"))
VERDICTS: Mapping[str, float] = {  # how much better one is does not count
    **{
        f"{side}{name}{end}": float(code)
        for side in _SIDES
        for code, names in enumerate(("a1", "b2") if side else "ab")
        for name in names
        for end in ("", " wins", " is better", " ist besser", " gewinnt")
    },
    **{word: float(code) for each in (_STRONGER, ONE_SIDED) for code, words in enumerate(each) for word in words},
    **dict.fromkeys(_TIES, 2.0),
}
TIES = frozenset(_TIES) - {"c"}
GRADE_WORDS = frozenset(word for scale in SCALES for word in scale)
KNOWN_WORDS = frozenset((*SIGNS, *VERDICTS, *LETTERS, *GRADE_WORDS))
_WRAPPED = re.compile(
    r"""<(?P<tag>\w+)>(.+)</(?P=tag)>|\\boxed\{(.+)\}|[\[({<"'`*“”«»「『【]++\s*(.+?)\s*[\])}>"'`*“”«»」』】]+"""
)
_GRADES = (
    "score|rating|grade|points|note|bewertung|nota|puntuación|calificación|voto|punteggio|pontuação|cijfer|beoordeling|"
    "ocena|评分|評分|分数|分數|スコア|評価|点数"
)
_VERDICTS = "winner|preference|preferred|better|gewinner|ganador|gagnant|vincitore|vencedor|winnaar"
_SAID = (
    f"{_GRADES}|{_VERDICTS}|verdict|answer|label|result|outcome|output|judge?ment|decision|assessment|evaluation|conclusion|"
    "prediction|response|choice|urteil|antwort|ergebnis|veredicto|respuesta|resultado|réponse|résultat|verdetto|risposta|"
    "risultato|giudizio|veredito|resposta|oordeel|antwoord|resultaat|werdykt|odpowiedź|wynik|判定|回答|結果|判断|答案|结果|结论|评价"
)
_OF = r"[\s#>*_`\"'{<-]*(?:the )?(?:(?:final|overall|my) )?"
# What judges write before an answer: ``Verdict: pass``, ``**Score:** 4``, ``The answer is yes``, ``score 4``.
ANSWER_NAME = re.compile(
    rf"""{_OF}(?:(?:{_SAID})["'`*_]*(?:\s*[:=][\s:=*_"'`]*|\s+is:?\s+)|(?:score|rating|grade)\s+(?=[\d\[*]))(?=\S)"""
)
_NAMES_ANSWER = re.compile(rf"(?:(?:final|overall|my) )?(?:{_SAID})")
_NAMES_GRADE, _NAMES_VERDICT = (re.compile(rf"""{_OF}(?:{words})\b""") for words in (_GRADES, _VERDICTS))
N_LAYERS = 4  # of marks around an answer, such as ``**Verdict: `pass`**`` (ours)
LONGEST = 200  # characters of an answer with what stands around it; a longer text is none (ours)
_MARKS = "✅❌✓✗✔✘✖☑☒👍👎🟢🔴"
_MARKED = re.compile(
    rf"""[{_MARKS}]+\s*(?=[\w*_`"'])|(?<=[\w*_`"'])[.!]?\s*[{_MARKS}]+"""
)  # beside a word, which says the same
_MODIFIERS = re.compile("[\ufe0f\U0001f3fb-\U0001f3ff]")  # of the look of a sign before them


def fold(text: str) -> str:
    """The text without what does not tell labels apart: case, spaces, brackets, marks of a text, what leads to it.

    Examples
    --------
    >>> fold(" Not_Relevant "), fold("[[A]]"), fold("A-"), fold("1.0"), fold("PASS.")
    ('not relevant', 'a', 'a-', '1', 'pass')
    >>> fold("**Verdict:** Pass"), fold("Score: 4"), fold('{"answer": "B"}'), fold("The answer is yes."), fold("✅ Yes")
    ('pass', '4', 'b', 'yes', 'yes')
    """
    plain = " ".join(_MODIFIERS.sub("", unicodedata.normalize("NFKC", text)).casefold().split())
    if len(plain) <= LONGEST:
        plain = _unmarked(_bared(plain))
    plain = re.sub(r"\s*([<>]+)\s*", r"\1", re.sub(r"^([+-]?\d+)\.0+$", r"\1", plain))
    return re.sub(r"(?<=\w)[_-](?=\w)", " ", re.sub(r"^\+(?=\d)", "", plain))


def _bared(text: str) -> str:
    """Without what stands around an answer."""
    plain = text
    for _ in range(N_LAYERS):
        before = plain
        plain = re.sub(r"(?<=[^\W\d_])[.!。]+$", "", plain)
        wrapped = _WRAPPED.fullmatch(plain)
        plain = next(filter(None, wrapped.groups()[1:])).strip() if wrapped else plain
        led = ANSWER_NAME.match(plain)
        plain = plain[led.end() :].rstrip("*_`\"'") if led else plain
        plain = re.sub(r"^[-#>•]+ (?=[^\W\d_])", "", plain)
        if plain == before:
            break
    return plain


def _unmarked(text: str) -> str:
    """Without a mark beside a word that says the same, or is a step of a scale."""
    if (beside := _MARKED.sub("", text)) == text:
        return text
    word, marks = _bared(beside), {SIGNS.get(each) for each in text if each in _MARKS}
    return word if marks == {SIGNS.get(word)} or (word in GRADE_WORDS and word not in SIGNS) else text


def names_answer(key: str) -> bool:
    """Whether a key of an object is one that judges give their answer under, as ``final_verdict`` is."""
    return _NAMES_ANSWER.fullmatch(re.sub("[_-]", " ", key.casefold())) is not None


def names_winner(text: str) -> bool:
    """Whether it is written as judges of two answers do, ``[[A]]`` or ``Winner: A``."""
    return text.strip().startswith("[[") or _NAMES_VERDICT.match(text.casefold()) is not None


def names_grade(text: str) -> bool:
    """Whether it is said to be a grade, as ``Grade: B`` is."""
    return _NAMES_GRADE.match(text.casefold()) is not None


def tells_failure(label: str, seen: Collection[str] = ()) -> bool:
    """Whether a folded label is no answer of a judge but what a failed call left, such as ``error: timeout``.

    Parameters
    ----------
    seen
        The folded labels beside which it stands: ``failed`` is one itself beside ``passed``.
    """
    return _FAILURE.fullmatch(label) is not None and not _FAILED_OR_NO.get(label, set()) & {*seen}


def negated_of(labels: Collection[str]) -> tuple[str, str] | None:
    """Of two folded labels, one the other with a word for not, that for no and that for yes; None without one.

    Examples
    --------
    >>> negated_of({"fine", "not fine"}), negated_of({"wrong", "not wrong"})
    (('not fine', 'fine'), ('wrong', 'not wrong'))
    """
    if len(labels) != 2:
        return None
    one, two = sorted(labels, key=len)
    if not re.fullmatch(NOT + re.escape(one), two):
        return None
    return (one, two) if SIGNS.get(one) == 0 else (two, one)
