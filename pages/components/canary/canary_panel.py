"""Parts of the canary page that show: the newest week, the time line, what moved, the textbook's rule, the regions."""

from collections.abc import Sequence
from pathlib import PurePath

import pandas as pd
import streamlit as st

from drift_core.agreement.rule import Rule
from drift_core.canary.assessment import WeekAssessment
from drift_core.canary.change_point import ChangePoint
from drift_core.canary.collapse import N_FALLS, collapse_note
from drift_core.canary.explanation import explain_alarm
from drift_core.canary.region_moves import RegionMove
from drift_core.canary.region_weeks import NOTHING_TO_COMPARE, RegionWeeks
from drift_core.canary.run import CanaryRun
from drift_core.canary.status import alarm_rows, newest_sentence, week_by_itself
from drift_core.canary.withdrawals import SHOWN, Withdrawal
from drift_core.charts.canary_events import event_letters
from drift_core.gate.limits import agreement_floor
from drift_core.measured import figure
from drift_core.report.one_page import OnePage
from drift_core.report.summaries import canary_page
from drift_core.wording import told_command
from pages.components.canary import canary_history, canary_withdrawal, history_owner
from pages.components.canary.canary_charts import N_REGIONS, charts
from pages.components.canary.canary_history import CanaryReading
from pages.components.card import card_open
from pages.components.frame import frame, page_files, results
from pages.components.frame.steps import STEPS, State, canary_state
from pages.components.session import session

N_ABREAST = 3
MOST_OPEN = 8  # events that are listed without a click


def newest(read: CanaryReading, rule: Rule) -> None:
    """The newest week in one sentence, and what an alarm may cost."""
    floor = _floor(rule, read.weeks)
    sentence = newest_sentence(read.weeks, read.explanation, n_withdrawn=len(read.withdrawn), floor=floor)
    results.verdict(sentence, canary_state(read.weeks).state)
    if read.withdrawn and read.runs[-1] is read.withdrawn[-1].run:
        st.markdown(f"The newest record does not count. {results.escape(read.withdrawn[-1].sentence)}")
    if read.weeks and read.weeks[-1].next_step:
        _diagnose(read.weeks[-1])
    least = figure(rule.alarm_loss, "-", is_share=bool(read.runs) and not read.runs[-1].is_ranked)
    st.caption(
        f"Budget: a chance of {rule.alarm_budget:.0%} of any false alarm in a year. A fall of less than "
        f"{least} never alarms. Both stand in the settings of the rule."
    )


def _diagnose(week: WeekAssessment) -> None:
    """What an alarm asks for, with a way to it: the verdict where that sample is open, else where it is brought."""
    told, command = told_command(week.next_step)
    st.markdown(f"**{results.escape(told)}**")
    if command:
        st.code(command, language=None, wrap_lines=True)
    step = where_to_diagnose(week.run)
    if step == "verdict" and (found := history_owner.diagnosed(session.current())):
        st.markdown(results.escape(found))
    label = "Diagnose it" if step == "verdict" else "Bring that sample"
    frame.go(label, STEPS[step].page, key="canary_diagnose", kind="primary")


def where_to_diagnose(run: CanaryRun) -> str:
    """The step that diagnoses a week's sample: the verdict where it is open, else where it is brought."""
    inv, name = session.current(), run.production_name
    return "verdict" if inv is not None and name is not None and inv.production.name == name else "samples"


def whose() -> None:
    """Whose weeks these are, and where the open samples are others."""
    for each in (history_owner.owner(), history_owner.said(session.current())):
        if each:
            st.caption(results.escape(each[0].upper() + each[1:]))


def _floor(rule: Rule, weeks: Sequence[WeekAssessment]) -> float | None:
    """Under which a release is blocked."""
    opened = card_open.current()
    return agreement_floor(weeks[-1], opened.card if opened else None, rule) if weeks else None


def time_line(read: CanaryReading) -> None:
    """Agreement week by week, its legend in words, and the events by their letters."""
    results.chart(charts(read).timeline, key="canary_timeline")
    st.markdown(
        ":small[:blue[●] quiet · :red[◆] alarm · :gray[○] gap, on the axis · :gray[■] the baseline with its interval · "
        ":red[━] the limit under which that week alone alarms · dashed: what happened"
        + (" · :gray[✕] withdrawn, on the axis]" if read.withdrawn else "]")
    )
    lettered = zip(event_letters(read.events), read.events, strict=True)
    lines = [f"- **{letter}** {each.at:%Y-%m-%d} · {results.escape(each.label)}" for letter, each in lettered]
    lines += [f"- **✕** {each.at:%Y-%m-%d} · {results.escape(each.sentence)}" for each in read.withdrawn]
    if lines:
        with st.expander(f"What happened ({len(lines)})", expanded=len(lines) <= MOST_OPEN):
            st.markdown("\n".join(lines))


def take_away(read: CanaryReading, rule: Rule) -> None:
    """The weeks on one page, to send."""
    opened = canary_history.current()
    name = "" if opened is None else PurePath(opened.name).stem

    def page() -> OnePage:
        return canary_page(
            read.weeks,
            name=name,
            explanation=read.explanation,
            events=read.events,
            withdrawn=read.withdrawn,
            floor=_floor(rule, read.weeks),
        )

    page_files.offer(page, name=name, what="canary")


def what_moved(read: CanaryReading, rule: Rule) -> None:
    """One row of alarms, the newest unless another is chosen: since when, which regions, what happened at that time."""
    st.subheader("What moved, since when", anchor=False)
    rows = alarm_rows(read.weeks)
    if not rows:
        st.markdown(f"{results.shape('held')} No week has alarmed.")
        return
    named = {_row_name(row): row for row in rows}
    chosen = (
        st.selectbox("Alarm", list(named), key=f"canary_alarm_{len(read.weeks)}")
        if len(named) > 1
        else next(iter(named))
    )
    last = named[chosen][-1]
    found = explain_alarm(read.weeks, read.decisions, rule=rule, of=last)
    told = filter(None, (*(found.reasons if found else last.reasons), week_by_itself(last.run)))
    st.markdown("\n".join(f"- {results.escape(line)}" for line in told))
    if found is None or "agreement" not in last.signals:
        return
    st.markdown(f"**{results.escape(found.sentence)}**")
    _since(found.change)
    if found.regions:
        st.table(
            pd.DataFrame([_move(each) for each in found.regions[:N_REGIONS]]).set_index("Region")
        )  # which scrolls by itself where a name is wider than a phone
    if found.no_region:
        st.caption(results.escape(found.no_region))


def textbook(read: CanaryReading, rule: Rule) -> None:
    """How often the textbook's rule would have fired on quiet weeks."""
    st.subheader("The textbook's rule beside it", anchor=False)
    st.markdown(f"**{results.escape(read.strict.sentence)}**")
    measure = read.runs[-1].measure
    is_share = measure == "same label"
    least = figure(rule.floor(measure), is_share=is_share)
    under = [] if measure == "area under the curve" else [f"agreement is under {least}"]
    by = f"it falls by more than {figure(rule.weekly_drop, '-', is_share=is_share)}"
    if read.has_overlap:
        under.append(f"overlap under {rule.overlap_healthy:g}")
        by = f"they fall by more than {rule.weekly_drop:g} or {rule.weekly_overlap_drop:g}"
    first = f"when {' or '.join(under)}, or " if under else ""
    st.caption(f"It fires {first}when {by} in a week, by the point estimate.")


def overlap(read: CanaryReading) -> None:
    """Overlap week by week."""
    st.subheader("Overlap at the top, beside held-out's", anchor=False)
    results.chart(charts(read).overlap, key="canary_overlap")
    st.caption("Grey: the range that held-out shows at the same size and K. It does not alarm by itself.")


def entropy(read: CanaryReading) -> None:
    """How evenly each version of the student uses its answers; nothing where no week tells it."""
    drawn = charts(read).entropy
    if drawn is None:
        return
    st.subheader("How evenly the student uses its answers", anchor=False)
    note = collapse_note(read.weeks)
    if note:
        st.markdown(f"{results.shape('to check')} {results.escape(note)}")
    results.chart(drawn, key="canary_entropy")
    st.caption(
        "100% where it uses all its answers alike (entropy, of the most); a colour and a dashed mean a version. "
        f"{N_FALLS} falls in a row beyond chance, of the student's and not of the teacher's outputs, without a gain in "
        "agreement are the pattern of collapse. It does not alarm by itself."
    )


def regions(read: CanaryReading) -> None:
    """The regions that carry most of the loss, each over its weeks."""
    st.subheader("Region by region, most often flagged first", anchor=False)
    drawn = charts(read)
    if not drawn.shown:
        st.caption("No region was measured in two weeks. Imported weeks carry no regions.")
        return
    each = list(zip(drawn.shown, drawn.regions, strict=True))
    for first in range(0, len(each), N_ABREAST):
        row = each[first : first + N_ABREAST]
        for place, (region, chart) in zip(st.columns(N_ABREAST, gap="medium"), row, strict=False):
            with place:
                st.markdown(
                    f"**{results.escape(region.name)}** · {results.escape(region.partition)}  \n{_flagged(region)}"
                )
                results.chart(chart, key=f"canary_region_{drawn.shown.index(region)}")
    st.caption(
        "Agreement of one region a week, by the same name every week; :red[▲] alarm by its last weeks together, "
        ":red[◆] drifted that week, :blue[●] as before, :gray[■] a named region with nothing to compare that week; the "
        "line is held-out's, the dashed rule the week that showed it first. Weeks in which the region was too "
        "small are left out. "
        f"{len(drawn.shown)} of {drawn.n_followed} regions that were measured twice or more."
    )


def all_weeks(read: CanaryReading) -> None:
    """Every record as a row, newest first; beside them the form that takes one back."""
    with st.expander(f"All weeks as a table ({len(read.runs)})"):
        rows = [_week_row(week) for week in read.weeks] + [_withdrawn_row(each) for each in read.withdrawn]
        order = {run.key: place for place, run in enumerate(read.runs)}
        rows.sort(key=lambda row: -order[str(row["Key"])])
        table = pd.DataFrame([row | {"Key": str(row["Key"])[:SHOWN]} for row in rows])
        st.dataframe(table, hide_index=True, alt="All weeks with their figures.")
    with st.expander("Take a wrong record back, or restore one"):
        canary_withdrawal.form(read)


def _week_row(week: WeekAssessment) -> dict[str, object]:
    row = _row(week.run, status=week.status, why=" ".join(week.reasons))
    if week.baseline is None:
        return row
    own = week.baseline.agreement
    limit = None if week.limit is None else figure(week.limit, is_share=own.is_share)
    return row | {"Baseline": own.figure(), "Limit": limit}


def _withdrawn_row(each: Withdrawal) -> dict[str, object]:
    return _row(each.run, status="withdrawn", why=each.told)


def _row(run: CanaryRun, *, status: str, why: str) -> dict[str, object]:
    return {
        "Week": run.at.date(),
        "Status": status,
        "Agreement": str(run.agreement),
        "Baseline": None,
        "Limit": None,
        "Pairs": run.n_pairs,
        "Teacher": run.teacher_revision,
        "Student": run.student_version,
        "Sample": run.production_name or "",
        "Why": why,
        "Key": run.key,
    }


def how_it_is_decided(rule: Rule) -> None:
    """What stands behind an alarm."""
    with st.expander("How an alarm is decided"):
        st.markdown(
            "Each week is held against held-out as it was when this version of the student shipped, in units of the "
            "student's error. The last one, two, four and eight weeks are standardised; an alarm needs one of them "
            f"over a limit that a stable student exceeds in 52 weeks with a chance of {rule.alarm_budget:.0%}. Of "
            f"that, {1 - rule.alarm_share:.0%} is kept for regions, whose weeks are taken together in the same way, "
            f"{rule.alarm_new_share:.0%} of it for new ones in their first four weeks."
        )
        st.markdown(
            "A revision of the teacher moves the baseline only by a bridge: the same pairs scored by both revisions. "
            f"A week of fewer than {rule.canary_min_pairs} pairs or {rule.canary_min_queries} queries is a gap."
        )


def _row_name(row: tuple[WeekAssessment, ...]) -> str:
    first, last = row[0].run.at, row[-1].run.at
    return f"{first:%Y-%m-%d}" if len(row) == 1 else f"{first:%Y-%m-%d} to {last:%Y-%m-%d}, {len(row)} weeks"


def _since(change: ChangePoint | None) -> None:
    if change is None:
        return
    if change.low is None or change.high is None:
        st.caption(str(change.reason) if change.is_slow else f"No interval yet. {change.reason}")
        return
    weeks = f"{change.low:%Y-%m-%d}" + ("" if change.low == change.high else f" to {change.high:%Y-%m-%d}")
    st.caption(
        f"First week of the lower level, with its interval at {change.confidence:.0%}: {weeks}, from "
        f"{results.counted(change.n_weeks, 'week')}."
    )


def _move(each: RegionMove) -> dict[str, str]:
    before, now = each.levels
    since = f"{now}, {results.counted(each.n_weeks, 'week')}"
    name = results.escape(each.name)
    return {"Region": name, "Of traffic": f"{each.share:.0%}", "Held-out": before, "Since then": since}


def _flagged(region: RegionWeeks) -> str:
    if not region.is_compared:
        return f"{results.shape('cannot tell')} not compared in any week: {NOTHING_TO_COMPARE}"
    state: State = "to check" if region.n_drifted else "held"
    return f"{results.shape(state)} flagged in {region.drifted_in_words}, first seen {region.since}"
