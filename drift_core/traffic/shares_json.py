"""Shares of a log as plain JSON and as rows: one a region and period."""

from collections.abc import Iterator

from drift_core.traffic.shares import LogPeriod, TrafficShares
from drift_core.version import VERSION

SCHEMA = 1
COLUMNS = (
    *("period", "region", "drifted", "rows", "queries", "share", "share_low", "share_high"),
    *("agreement", "agreement_low", "agreement_high", "scored_rows"),
)


def shares_to_json(shares: TrafficShares) -> dict[str, object]:
    """Turn the shares into plain JSON values."""
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "by": shares.by,
        "encoder": shares.encoder,
        "told_alone": shares.told_alone,
        "drifted": sorted(shares.drifted),
        "whole": _period(shares.whole),
        "periods": [_period(each) for each in shares.periods],
        "since": {each.region: _day(shares.since(each.region)) for each in shares.whole.regions},
        "notes": list(shares.notes),
    }


def shares_rows(shares: TrafficShares) -> Iterator[dict[str, object]]:
    """Give one row a region and period, of a log without times one a region; what is not measured is None."""
    for period in shares.periods or (shares.whole,):
        for each in period.regions:
            share, agreement = each.share.to_json(), each.agreement.to_json()
            yield {
                "period": _day(period.start),
                "region": each.region,
                "drifted": each.region in shares.drifted,
                "rows": each.n_rows,
                "queries": each.n_queries,
                **{f"share{name}": share[key] for name, key in LIMITS},
                **{f"agreement{name}": agreement[key] for name, key in LIMITS},
                "scored_rows": agreement["n_pairs"],
            }


LIMITS = (("", "estimate"), ("_low", "low"), ("_high", "high"))


def _period(period: LogPeriod) -> dict[str, object]:
    return {
        "start": _day(period.start),
        "n_rows": period.n_rows,
        "n_queries": period.n_queries,
        "drifted": period.drifted.to_json(),
        "agreement": period.agreement.to_json(),
        "regions": [
            {
                "name": each.region,
                "n_rows": each.n_rows,
                "n_queries": each.n_queries,
                "share": each.share.to_json(),
                "agreement": each.agreement.to_json(),
            }
            for each in period.regions
        ],
    }


def _day(start: object) -> str | None:
    return None if start is None else str(start)
