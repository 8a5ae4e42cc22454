import json
import re
from dataclasses import replace

import pytest

from drift_core.alerts.messages import message
from drift_core.alerts.notice import notice_of
from drift_core.canary.explanation import explain_alarm
from tests.drift_core.alerts.weeks import BASELINE, HOSTILE, hostile_alarm, judged, pooled
from tests.drift_core.canary.runs_by_hand import measured, region

FORMS = ["slack", "teams", "json"]


@pytest.fixture
def hostile():
    weeks, explanation = hostile_alarm()
    return notice_of(weeks, explanation=explanation, link="https://drift.example/canary")


def texts(value):
    """Every text in a body."""
    if isinstance(value, dict | list | tuple):
        return [text for each in (value.values() if isinstance(value, dict) else value) for text in texts(each)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize(
    ("statuses", "kind"),
    [
        (["alarm"], "alarm"),
        (["quiet", "alarm", "alarm"], "alarm"),
        (["alarm", "quiet"], "recovered"),
        (["alarm", "gap", "quiet"], "recovered"),
        (["alarm", "quiet", "quiet"], None),
        (["quiet"], None),
        (["alarm", "gap"], None),
    ],
)
def test_an_alarm_and_its_end_are_told_and_with_an_option_every_week(statuses, kind):
    weeks = [judged(number, status) for number, status in enumerate(statuses)]

    told, weekly = notice_of(weeks), notice_of(weeks, is_weekly=True)

    assert (told.kind if told else None) == kind
    assert weekly.kind == (kind or statuses[-1])


def test_an_alarm_that_ends_by_another_baseline_has_not_recovered():
    accepted = replace(BASELINE, source="accepted", since=judged(1, "quiet").run.at)

    ended = notice_of([judged(0, "alarm"), judged(1, "quiet", baseline=accepted)])

    assert ended.kind == "ended"
    assert "another baseline" in ended.title


def test_a_message_holds_verdict_figure_region_since_and_next_step():
    found = (region("returns", drifted=True, agreement=measured(0.5)),)
    weeks = [judged(0, "quiet"), *(judged(n, "alarm", regions=(pooled("pets"),)) for n in (1, 2))]
    weeks[1:] = [replace(each, run=replace(each.run, regions=found, production_name="week.csv")) for each in weeks[1:]]

    told = notice_of(weeks, explanation=explain_alarm(weeks))

    assert told.title == "Alarm"
    assert "0.75 (0.72 to 0.77)" in told.sentence
    assert told.facts["Agreement"] == "0.75 (0.72 to 0.77), baseline 0.95"
    assert told.facts["Where"] == "returns (cluster): 0.50, held-out 0.90; pets (cluster), 20% of the pairs"
    assert told.facts["Since"] == "2026-01-12"
    assert (
        told.facts["Next step"] == "Diagnose that sample, in its folder and with your held-out file as HELDOUT: "
        "distillation-drift diagnose HELDOUT week.csv"
    )
    for form in FORMS:
        body = " ".join(texts(message(told, form)))
        for words in ("Alarm", "0.75 (0.72 to 0.77)", "pets (cluster)", "2026-01-12", "Diagnose that sample"):
            assert words in body, form


def test_in_slack_the_command_is_code_that_can_be_copied_and_one_that_does_not_fit_is_not_told():
    run = replace(judged(0, "alarm").run, production_name="w.csv")

    def body(command):
        told = notice_of([replace(judged(0, "alarm"), run=replace(run, command=command))])
        return told.facts["Next step"], " ".join(texts(message(told, "slack")))

    command = "distillation-drift diagnose HELDOUT w.csv --column teacher=judge_a"
    assert body(command)[1].count(f"```{command}```") == 1
    assert body(f"{command} --labels {'a' * 2_000}")[0].endswith("with your held-out file as HELDOUT.")


def test_the_end_of_an_alarm_says_when_it_began():
    told = notice_of([judged(0, "alarm"), judged(1, "alarm"), judged(2, "quiet")])

    assert (told.title, told.facts["Since"], told.next_step) == ("Recovered", "2026-01-05", "")
    assert "Next step" not in told.facts


def test_in_slack_no_text_of_a_user_is_markup(hostile):
    body = message(hostile, "slack")

    said = [text for text in texts(body) if "evil" in text or "channel" in text]
    assert len(said) >= 4
    for text in said:
        assert "<" not in text
        assert not re.search(r"&(?!amp;|lt;|gt;)", text)
        assert not re.search(r"(?<!^)[_~`](?!\u2060)", text)
    assert all(each.get("text", {"verbatim": True}).get("verbatim", True) for each in body["blocks"])
    assert {
        "type": "header",
        "text": {"type": "plain_text", "text": "Distillation drift: Alarm", "emoji": False},
    } in body["blocks"]
    assert "<https://drift.example/canary|Open the canary>" in texts(body)


def test_slack_takes_the_lengths(hostile):
    body = message(hostile, "slack")

    fields = next(each["fields"] for each in body["blocks"] if "fields" in each)
    assert len(fields) <= 10
    assert max(len(each["text"]) for each in fields) <= 2000
    assert max(len(each["text"]["text"]) for each in body["blocks"] if "text" in each) <= 3000


def test_in_teams_texts_of_users_stand_where_nothing_is_marked_up(hostile):
    body = message(hostile, "teams")

    [attachment] = body["attachments"]
    card = attachment["content"]
    assert (body["type"], card["type"], card["version"]) == ("message", "AdaptiveCard", "1.4")
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    blocks = [each["text"] for each in card["body"] if each["type"] == "TextBlock"]
    assert blocks == ["Distillation drift: Alarm"]
    assert "{{" not in json.dumps(body)
    assert card["actions"] == [
        {"type": "Action.OpenUrl", "title": "Open the canary", "url": "https://drift.example/canary"}
    ]
    assert len(json.dumps(body)) < 28_000


def test_plain_json_has_the_values_as_they_are(hostile):
    body = json.loads(json.dumps(message(hostile, "json")))

    assert (body["verdict"], body["student_version"], body["agreement"]["estimate"]) == ("alarm", HOSTILE, 0.75)
    assert "\n" not in body["text"]


@pytest.mark.parametrize("form", FORMS)
def test_without_an_address_of_the_app_there_is_no_link(form):
    told = notice_of([judged(0, "alarm")])

    assert not [text for text in texts(message(told, form)) if "http" in text and "adaptivecards.io" not in text]


def test_a_new_region_is_told_as_new_and_a_slice_that_fell_as_the_rest_not_at_all():
    born = region("scooters", is_new=True, drifted=True, agreement=measured(0.3), agreement_heldout=None)
    slice_ = region("DE", partition="country", drifted=True, agreement=measured(0.75), share=0.5)
    weeks = [judged(0, "quiet"), *(judged(n, "alarm", regions=()) for n in (1, 2))]
    weeks[1:] = [replace(each, run=replace(each.run, regions=(slice_, born))) for each in weeks[1:]]

    told = notice_of(weeks, explanation=explain_alarm(weeks))

    assert told.facts["Where"] == "scooters (cluster): 0.30, new: held-out lacks it"
