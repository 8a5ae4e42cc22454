"""A diagnosis and a retrain list in words, for the terminal."""

from typing import TYPE_CHECKING

from drift_core.commands.operations_in_words import describe_operations

if TYPE_CHECKING:
    from drift_core.diagnosis.diagnosis import Diagnosis
    from drift_core.diagnosis.region import Region
    from drift_core.distributions.lookalike_checks import Lookalike
    from drift_core.measured import Measured
    from drift_core.retrain_list.manifest import Manifest

N_REGIONS_SHOWN = 12


def describe_diagnosis(diagnosis: "Diagnosis") -> str:
    """Put a diagnosis into lines: the verdict and its evidence, the tests, the regions, what else is worth telling."""
    verdict = diagnosis.verdict
    top = [
        *filter(None, [diagnosis.wrong_heldout, verdict.headline, verdict.reason, diagnosis.regions.same_pairs]),
        *_split(diagnosis),
        *_evidence(diagnosis),
    ]
    tests = [diagnosis.top_k.sentence, *_regions(diagnosis)]
    if not verdict.evidence:  # which tells the spread first
        tests.insert(0, diagnosis.spread.sentence)
    found = [f"Finding: {each.sentence}" for each in diagnosis.findings if each.sentence not in verdict.summary]
    found += [f"Drawn by hand: {each.sentence} {each.following}" for each in diagnosis.regions.drawn]
    found += [f"Labels: {diagnosis.labels.sentence}", *diagnosis.labels.order_sentences] if diagnosis.labels else []
    found += [f"Outputs: {diagnosis.outputs.sentence}"] if diagnosis.outputs else []
    calibration = diagnosis.calibration
    found += [f"Calibration: {calibration.told}"] if calibration and not calibration.finding else []
    found += [f"Distributions: {' '.join(diagnosis.distribution_lines)}"]
    found += [f"Noise ceiling: {diagnosis.ceiling.sentence}", f"Task quality: {diagnosis.quality.sentence}"]
    found += [f"Points to, {each.title}: {each.sentence}" for each in _pointed_to(diagnosis)]
    change = [
        each.sentence if each.aim == "overturn" else f"To know more: {each.in_full}" for each in diagnosis.settling
    ]
    samples = {"held-out": diagnosis.heldout, "production": diagnosis.production}
    told = {finding.sentence for finding in diagnosis.findings}
    problems = [(name, p.message) for name, sample in samples.items() for p in sample.problems]
    notes = [f"Note on {name}: {message}" for name, message in problems if message not in told]
    notes += [f"Note: {problem.message}" for problem in diagnosis.problems]
    notes += [f"Note: {note}" for note in diagnosis.embeddings.notes]
    calls = describe_operations(diagnosis.operations)
    return "\n".join([*top, "", *tests, *calls, *([""] if found or change or notes else []), *found, *change, *notes])


def _pointed_to(diagnosis: "Diagnosis") -> "list[Lookalike]":
    """Look-alikes that the data point to and that no finding tells already."""
    told = {finding.sentence for finding in diagnosis.findings} | {diagnosis.quality.sentence}
    pointed = (each for each in diagnosis.lookalikes if each.status == "points_to" and each.sentence not in told)
    return [each for each in pointed if each.sentence not in diagnosis.verdict.reason]


def _split(diagnosis: "Diagnosis") -> list[str]:
    """The loss and its parts in one line, then where the teacher's part comes from or why there is none."""
    attribution = diagnosis.attribution
    if attribution.total is None:
        return []
    parts = {"mix": attribution.mix, "within regions": attribution.within}
    parts |= {"range of scores": attribution.score_range.part} if attribution.score_range else {}
    parts |= {"teacher": attribution.teacher}
    told = ", ".join(f"{name} {_signed(part)}" for name, part in parts.items())
    lines = [f"Loss {_signed(attribution.total)}: {told}."]
    if attribution.teacher is None:
        why = f": {_lowered(attribution.teacher_unknown)}" if attribution.teacher_unknown else "."
        lines.append(f"The teacher's part is unknown{why}")
    elif attribution.teacher_inferred:
        part = f"{attribution.teacher:+.3f}"
        also = "; another student would show the same" if diagnosis.verdict.or_student else ""
        lines.append(f"The teacher's part, {part}, is inferred: {_lowered(attribution.not_pinned or '')}{also}.")
    return lines


def _signed(part: "Measured | None") -> str:
    return "unknown" if part is None else part.figure("+.3f")


def _lowered(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]


def _evidence(diagnosis: "Diagnosis") -> list[str]:
    """Lines of evidence, each with its mark."""
    return [f"{line.mark}: {line.sentence}" for line in diagnosis.verdict.evidence]


def _regions(diagnosis: "Diagnosis") -> list[str]:
    leading = diagnosis.regions.leading
    reason = next(each.reason for each in diagnosis.regions.partitions if each.name == leading[0].partition)
    regions = [r for r in diagnosis.regions.regions if r.drifted or r in leading]
    shown = sorted(regions, key=lambda r: (not r.drifted, not r.flag, -(r.share_of_loss or 0), -r.share_production))
    n_shown = max(N_REGIONS_SHOWN, sum(bool(region.flag) for region in regions))
    width = max((len(_label(region)) for region in shown[:n_shown]), default=6)
    rows = [_row(region, width) for region in shown[:n_shown]]
    left = len(shown) - len(rows)
    header = f"{'Region':<{width}}  held-out  production  traffic"
    return [
        *filter(None, (reason, diagnosis.under_pinned)),
        "",
        header,
        *rows,
        *([f"and {left} more in the JSON"] if left > 0 else []),
    ]


def _label(region: "Region") -> str:
    named = region.name if region.kind == "query" else f"{region.partition}: {region.name}"
    return named if len(named) <= 48 else named[:47] + "…"


def _row(region: "Region", width: int) -> str:
    from drift_core.measured import Measured

    before, after = (
        measured.figure() if isinstance(measured, Measured) else "-" for measured in (region.heldout, region.production)
    )
    mark = f"  {', '.join(filter(None, [region.flag, region.newness]))}".rstrip()
    return f"{_label(region):<{width}}  {before:>8}  {after:>10}  {region.share_production:>7.0%}{mark}"


def describe_manifest(manifest: "Manifest") -> str:
    """Put a retrain list into lines: the manifest in words, and the quota of each region."""
    width = max(len(quota.region) for quota in manifest.quotas)
    rows = [
        f"{quota.region:<{width}}  {quota.n_drawn:>6,}  {quota.n_available:>9,}  {quota.traffic_share:>7.0%}"
        + (f"  {manifest.flag}" if quota.drifted else "")
        for quota in manifest.quotas
    ]
    said = [f"{manifest.sentence} Seed {manifest.settings.seed}.", manifest.left_out.sentence, manifest.floors_sentence]
    header = f"{'Region':<{width}}  {'drawn':>6}  available  traffic"
    return "\n".join([*filter(None, said), "", header, *rows])
