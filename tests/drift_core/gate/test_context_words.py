from datetime import timedelta

from drift_core.gate.context import in_days


def test_a_short_span_that_is_no_whole_days_is_written_in_hours_rounded_up() -> None:
    spans = {0.2: "5 hours", 0.96: "24 hours", 1.0: "1 day", 1.51: "37 hours", 2.51: "2.6 days", 8.0: "8 days"}

    assert {days: in_days(timedelta(days=days)) for days in spans} == spans
