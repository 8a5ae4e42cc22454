"""The command ``rescore``: a retrain list in, the current teacher's scores out, under a cap."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from drift_core.commands import options
from drift_core.commands.progress import rescoring_progress
from drift_core.commands.rescore_in_words import describe_pair, describe_rereading, describe_rescored
from drift_core.errors import EndpointError, SettingError
from drift_core.installation import need_extra
from drift_core.rescoring.settings import RescoreSettings

if TYPE_CHECKING:
    from drift_core.rescoring.result import RescoredList
    from drift_core.rescoring.settings import Rescoring
    from drift_core.rescoring.teacher import ApiKey
    from drift_core.rescoring.trial import TriedPair
    from drift_core.retrain_list.reader import RetrainList

LEDGER_NAME = "rescore.sqlite"
KEY_VARIABLE, URL_VARIABLE = "OPENAI_API_KEY", "OPENAI_BASE_URL"
NOT_ALL = 3
NO_TEMPERATURE = "none"

Text = str | None


@options.takes(RescoreSettings)
def rescore(
    source: Annotated[str, typer.Argument(metavar="LIST", help="The retrain list (Parquet, CSV, JSON lines).")],
    out: Annotated[str, typer.Option(metavar="DIR", help="Folder for the re-scored list and its ledger.")],
    model: Annotated[str, typer.Option(metavar="NAME", help="The teacher, as its endpoint calls it.")],
    endpoint: Annotated[
        Text,
        typer.Option(metavar="URL", help=f"OpenAI-compatible endpoint; by default {URL_VARIABLE}, else OpenAI's own."),
    ] = None,
    prompt: Annotated[Text, typer.Option(metavar="FILE", help="Text with the places {query} and {doc}.")] = None,
    score_range: Annotated[
        tuple[float, float] | None,
        typer.Option(metavar="LOW HIGH", help="Range of the scores; by default 0 1 where the list's lie in it."),
    ] = None,
    labels: Annotated[
        Text,
        typer.Option(
            metavar="LABEL,LABEL",
            help="Labels that the teacher gives in place of numbers; by default those on the list. Or a text file with "
            "one a line and what it means, such as: fail = The answer contradicts the document.",
        ),
    ] = None,
    temperature: Annotated[str, typer.Option(metavar="T", help=f"'{NO_TEMPERATURE}' for models that take none.")] = "0",
    key_variable: Annotated[
        str, typer.Option(metavar="NAME", help="Environment variable that holds the key.")
    ] = KEY_VARIABLE,
    ledger: Annotated[Text, typer.Option(metavar="FILE", help=f"By default {LEDGER_NAME} in the folder.")] = None,
    form: Annotated[str, typer.Option("--format", metavar="FORMAT", help="parquet, csv or jsonl.")] = "parquet",
    retry_unparsed: Annotated[
        bool, typer.Option("--retry-unparsed", help="Ask pairs again whose answer gave no score.")
    ] = False,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Ask pairs again that the endpoint rejected.")
    ] = False,
    estimate: Annotated[bool, typer.Option("--estimate", help="Say what it would take, and ask nobody.")] = False,
    try_pairs: Annotated[
        int | None,
        typer.Option("--try", metavar="N", help="Ask N pairs, show prompts, answers and scores, and stop."),
    ] = None,
    reread: Annotated[
        bool, typer.Option("--reread", help="Read the kept answers in the way given now, and ask nobody.")
    ] = False,
    **entered: Any,
) -> None:
    """Score a retrain list with the current teacher through an OpenAI-compatible endpoint, under a cap.

    Answers are kept as they come; the same command goes on where the last run ended. Ctrl-C finishes the calls in
    flight. Exit codes: 0 every pair has a score, 3 stopped or some have none, 2 bad input or endpoint.
    """
    need_extra("samples", "Reading a list")
    from drift_core.rescoring.label_meanings import meanings_of
    from drift_core.rescoring.prompt import MEANINGS, read_template
    from drift_core.retrain_list.list_labels import labels_to_ask, list_to_rescore
    from drift_core.tables.paths import is_file, make_folder
    from drift_core.tables.writing import check_folder, check_formats

    place = Path(ledger) if ledger else Path(out) / LEDGER_NAME
    if entered["regex"] and not prompt and not is_file(place):  # else kept answers may have been read so before
        raise SettingError(
            "--regex needs a prompt that asks for such an answer: --prompt FILE. The default asks for JSON."
        )
    if sum([estimate, reread, try_pairs is not None]) > 1:
        raise SettingError("--estimate, --try and --reread are three things to do. Name one of them.")
    retrain_list = list_to_rescore(source)
    is_uncapped = (estimate or reread) and entered["max_spend"] is None and entered["max_calls"] is None
    named = None if labels is None else _named_labels(labels, retrain_list)
    asked = labels_to_ask(retrain_list, None if named is None else named[0])
    if asked and score_range is not None:
        raise SettingError("--score-range is about numbers, and the teacher gives labels. Leave it out.")
    low, high = (0.0, 1.0) if asked else _range(retrain_list, score_range)
    settings = RescoreSettings(
        model=model,
        url=endpoint or os.environ.get(URL_VARIABLE) or "",
        low=low,
        high=high,
        labels=asked,
        meanings=() if named is None else meanings_of(asked, named),
        temperature=_temperature(temperature),
        template=read_template(prompt) if prompt else "",
        **(entered | {"max_calls": 0} if is_uncapped else entered),
    )
    rescoring = settings.rescoring(
        key=_key(key_variable), unparsed_again=retry_unparsed, rejected_again=retry_failed, n_tried=try_pairs
    )
    check_folder(out)
    check_formats([form])
    if rescoring.prompt.unexplained and not reread:
        typer.echo(f"Note: {MEANINGS} Give it with --prompt FILE, or what they mean with --labels FILE.", err=True)
    if estimate:
        _estimate(retrain_list, place, rescoring, is_uncapped=is_uncapped)
    elif reread:
        _reread(retrain_list, place, rescoring, Path(out), form)
    else:
        make_folder(out)
        _rescore(retrain_list, place, rescoring, Path(out), form)


def _named_labels(text: str, retrain_list: "RetrainList") -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Labels in a row, or a file of them with their meanings."""
    from drift_core.rescoring.label_meanings import read_labels
    from drift_core.retrain_list.list_labels import labels_of
    from drift_core.tables.paths import is_file

    if "," not in text and is_file(text):
        return read_labels(text, labels_of(retrain_list.table))
    row = tuple(text.split(","))
    return row, ("",) * len(row)


def _key(variable: str) -> "ApiKey | None":
    from drift_core.rescoring.teacher import ApiKey

    key = os.environ.get(variable)
    if not key and variable != KEY_VARIABLE:
        raise SettingError(f"The environment variable {variable}, which should hold the key, is not set. Set it.")
    return ApiKey(key) if key else None


def _range(retrain_list: "RetrainList", named: tuple[float, float] | None) -> tuple[float, float]:
    """The teacher's range; that of a list that was scored on another than 0 to 1 has to be named."""
    scores = retrain_list.table.get("teacher_score")
    if named is None and scores is not None and not scores.dropna().between(0, 1).all():
        raise SettingError(
            f"The list's teacher scores run from {scores.min():g} to {scores.max():g}, outside [0, 1]. Name the range "
            "that the teacher shall use: --score-range LOW HIGH."
        )
    return named or (0.0, 1.0)


def _temperature(text: str) -> float | None:
    if text == NO_TEMPERATURE:
        return None
    try:
        return float(text)
    except ValueError as error:
        raise SettingError(f"--temperature is a number or '{NO_TEMPERATURE}'; found {text!r}.") from error


def _estimate(retrain_list: "RetrainList", place: Path, rescoring: "Rescoring", *, is_uncapped: bool) -> None:
    from drift_core.rescoring.status import estimate_rescoring

    found = estimate_rescoring(retrain_list, place, rescoring=rescoring)
    typer.echo(found.sentence)
    if found.under_cap and not is_uncapped:
        typer.echo(found.under_cap)


def _rescore(retrain_list: "RetrainList", place: Path, rescoring: "Rescoring", out: Path, form: str) -> None:
    from drift_core.rescoring.rescore import rescore_list
    from drift_core.rescoring.status import read_rescored

    teacher = rescoring.teacher
    try:
        with rescoring_progress(teacher.model, teacher.shown_url, retrain_list.n_pairs) as report:
            rescored = rescore_list(retrain_list, place, rescoring=rescoring, report=report)
    except EndpointError as fault:
        if rescoring.n_tried is not None:
            _show_trial(retrain_list, place, rescoring)
            raise
        _write_what_there_is(read_rescored(retrain_list, place, rescoring=rescoring, fault=fault), out, form)
        raise
    if rescoring.n_tried is not None:
        _tried(retrain_list, place, rescoring, rescored)
        return
    _write(rescored, out, form, describe_rescored(rescored))
    if not rescored.is_complete:
        raise typer.Exit(NOT_ALL)


def _tried(retrain_list: "RetrainList", place: Path, rescoring: "Rescoring", rescored: "RescoredList") -> None:
    """Show a try and say how it goes on."""
    tried = _show_trial(retrain_list, place, rescoring)
    typer.echo(describe_rescored(rescored))
    n_left = rescored.n_left
    if n_left:
        typer.echo(f"The same command without --try asks the other {n_left:,}; what is answered is not asked again.")
    if any(pair.score is None for pair in tried):
        raise typer.Exit(NOT_ALL)


def _show_trial(retrain_list: "RetrainList", place: Path, rescoring: "Rescoring") -> "tuple[TriedPair, ...]":
    from drift_core.rescoring.trial import read_trial

    tried = read_trial(retrain_list, place, rescoring=rescoring, n=rescoring.n_tried or 1)
    for number, pair in enumerate(tried, 1):
        typer.echo(describe_pair(pair, f"{number} of {len(tried)}") + "\n")
    return tried


def _reread(retrain_list: "RetrainList", place: Path, rescoring: "Rescoring", out: Path, form: str) -> None:
    from drift_core.rescoring.rescore import reread_list
    from drift_core.rescoring.status import read_rescored

    before = read_rescored(retrain_list, place, rescoring=rescoring)
    rescored = reread_list(retrain_list, place, rescoring=rescoring)
    told = describe_rereading(before, rescored)
    _write(rescored, out, form, f"{told}\n{describe_rescored(rescored)}")
    if not rescored.is_complete:
        raise typer.Exit(NOT_ALL)


def _write_what_there_is(rescored: "RescoredList", out: Path, form: str) -> None:
    """Write the list of a run that the endpoint has ended; the error tells the end. Nothing where nobody answered."""
    if rescored.counts["pending"] < len(rescored):
        _write(rescored, out, form, rescored.sentence)


def _write(rescored: "RescoredList", out: Path, form: str, told: str) -> None:
    from drift_core.rescoring.result import write_rescored

    written = write_rescored(rescored, out, formats=[form])
    typer.echo(told + "\n\n" + "\n".join(f"Wrote {path}" for path in written))
