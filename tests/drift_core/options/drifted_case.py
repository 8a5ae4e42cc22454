"""What the options are weighed from, with planted regions in place of found ones."""

from dataclasses import replace
from types import SimpleNamespace

from drift_core.agreement.rule import Rule
from drift_core.agreement.spread import measure_spread
from drift_core.distributions.noise_ceiling import measure_ceiling
from drift_core.measures.scores import scores_of
from drift_core.simulation.plan import Plan
from tests.calibration.planted import draw_planted

NEW_TOPIC = Plan(n_heldout=600, n_production=600, new_shares=(0.2,), new_agreement=(0.4,), with_texts=False)


def case(plan=NEW_TOPIC, *, seed=1, cause=None, **changes):
    """A diagnosis as far as the options look at it; changes are of the production sample."""
    drawn = draw_planted(plan, seed=seed)
    production = replace(drawn.production, **changes)
    rule = Rule()
    spread = measure_spread(drawn.heldout, production, rule=rule)
    scores = scores_of(drawn.heldout, production)
    return SimpleNamespace(
        findings=(),
        heldout=drawn.heldout,
        production=production,
        drifted=drawn.drifted,
        regions=SimpleNamespace(drifted=()),
        verdict=SimpleNamespace(cause=cause or drawn.cause),
        settings=SimpleNamespace(rule=rule, seed=0),
        spread=spread,
        top_k=SimpleNamespace(fall=""),
        attribution=SimpleNamespace(score_range=None),
        ceiling=measure_ceiling(
            drawn.heldout, production, scores=scores, agreement=spread.production, confidence=rule.confidence
        ),
    )
