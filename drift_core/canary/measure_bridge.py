"""What a revision costs on pairs that both revisions scored: a bridge from one baseline to the next."""

from dataclasses import replace

from drift_core.canary.figures import Bridge
from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.distributions.pinned_traffic import pinned_traffic
from drift_core.measured import Measured, Measurement, Unmeasured
from drift_core.measures.agreement import agreement, paired_difference
from drift_core.measures.error_level import Reference, error_shift
from drift_core.measures.fisher import ZScale
from drift_core.measures.scores import Scores


def measure_bridge(
    diagnosis: Diagnosis, production: Scores, reference: Reference | None, revision: str | None
) -> Bridge | None:
    """The same pairs under both revisions, of production or else of held-out, at what traffic they stand for."""
    found, alpha = diagnosis.pinned, diagnosis.settings.rule.alpha
    if found.picked is None:
        heldout = Scores.of(diagnosis.heldout, diagnosis.heldout.query_codes)
        found = pinned_traffic(diagnosis.heldout, heldout, diagnosis.regions.cuts("heldout"), alpha=alpha)
    if found.picked is None:
        return None
    if found.scores is None:
        loss: Measurement = Unmeasured(reason=found.told, n_pairs=len(found.picked[0]))
        return Bridge(loss=loss, z_shift=0.0, z_error=0.0, pinned_revision=revision)
    pinned, current = found.scores
    loss = paired_difference(pinned, current, confidence=diagnosis.settings.rule.confidence)
    if not isinstance(loss, Measured):
        return None
    shift = None if reference is None else error_shift(reference, pinned, current)
    z_shift, z_error = _on_z(loss, pinned, current)
    return Bridge(
        loss=loss,
        z_shift=z_shift,
        z_error=z_error,
        error_shift=None if shift is None else shift.estimate,
        error_variance=None if shift is None else shift.variance,
        pinned_revision=revision,
    )


def _on_z(loss: Measured, pinned: Scores, current: Scores) -> tuple[float, float]:
    before, after = (agreement(each) for each in (pinned, current))
    assert isinstance(before, Measured)
    assert isinstance(after, Measured)
    scale = ZScale(pinned.measure)
    middle = replace(loss, estimate=(before.estimate + after.estimate) / 2)
    return scale.z(before, 0.0) - scale.z(after, 0.0), scale.error(middle)
