from datetime import timedelta

from drift_core.canary.decision import Decision
from drift_core.canary.events import find_events
from drift_core.canary.figures import Bridge, NewTraffic
from drift_core.regions.named_region import DRAWN, NamedRegion
from tests.drift_core.canary.runs_by_hand import measured, region, week


def kinds(runs, decisions=()):
    return [each.kind for each in find_events(runs, decisions)]


def test_quiet_weeks_hold_no_event():
    assert kinds([week(i) for i in range(3)]) == []


def test_a_new_revision_is_an_event_in_its_first_week():
    events = find_events([week(0), week(1, teacher_revision="r2"), week(2, teacher_revision="r2")])

    assert [(each.kind, each.at, each.label) for each in events] == [
        ("teacher_revision", week(1).at, "Teacher r1 to r2")
    ]


def test_a_new_student_is_an_event():
    assert kinds([week(0), week(1, student_version="s2")]) == ["student_release"]


def test_a_region_is_born_once():
    born = (region("charging", is_new=True),)

    assert kinds([week(0), week(1, regions=born), week(2, regions=born)]) == ["new_region"]


def test_a_region_that_a_person_drew_is_not_born():
    drawn = (region("balcony solar", partition=DRAWN, is_new=True),)
    told = NewTraffic(names=("balcony solar",), n_pairs=20, n_queries=10, share=0.1, p_value=0.004)
    naming = Decision(
        kind="name_region",
        at=week(0).at,
        by="Ada",
        reason="Ours",
        run_key=None,
        region=NamedRegion(name="balcony solar"),
    )

    assert kinds([week(0), week(1, regions=drawn, new_traffic=told)]) == []
    assert kinds([week(0), week(1, regions=(), new_traffic=told)], [naming]) == ["named_region"]
    assert kinds([week(0), week(1, regions=(), new_traffic=told)]) == ["new_region"]


def test_a_bridge_is_told_once_a_revision():
    bridge = Bridge(loss=measured(0.02), z_shift=0.1, z_error=0.03)

    assert kinds([week(0, bridge=bridge), week(1, bridge=bridge)]) == ["bridge"]


def test_decisions_stand_among_the_events_by_time():
    override = Decision(kind="override", at=week(1).at, by="Ada", reason="Holiday", run_key=None)
    events = find_events([week(0), week(2, teacher_revision="r2")], [override])

    assert [each.kind for each in events] == ["override", "teacher_revision"]
    assert events[0].label == "Override by Ada: Holiday"


def test_a_withdrawn_run_shows_nothing_and_its_withdrawal_is_an_event():
    wrong = week(1, teacher_revision="r2", student_version="s2", regions=(region("charging", is_new=True),))
    taken = Decision(kind="withdraw", at=week(2).at, by="Ada", reason="Wrong file", run_key=wrong.key)
    back = Decision(kind="restore", at=week(3).at, by="Bob", reason="It was right", run_key=wrong.key)

    events = find_events([week(0), wrong, week(2)], [taken])

    assert [(each.kind, each.at, each.label) for each in events] == [
        ("withdrawn", week(2).at, "Record of 2026-01-12 withdrawn by Ada: Wrong file")
    ]
    assert kinds([week(0), wrong], [taken, back]) == [
        "teacher_revision",
        "student_release",
        "new_region",
        "withdrawn",
        "restored",
    ]


def test_students_side_by_side_have_revisions_of_their_own():
    runs = [week(0), week(0, student_version="s2", teacher_revision="r2", at=week(0).at + timedelta(hours=1))]
    runs += [week(1), week(1, student_version="s2", teacher_revision="r2", at=week(1).at + timedelta(hours=1))]

    labels = [event.label for event in find_events(runs)]

    assert labels == ["Teacher r1 to r2", "Student s2 released"]
