import json

from tests.drift_core.command_line import run

GIVEN = ("costs", "--student-price", "0.02", "--calls", "1000000")


def test_costs_are_told_in_words():
    code, shown, said = run(*GIVEN, "--teacher-price", "0.002", "--drifted-share", "0.1")

    assert (code, said) == (0, "")
    assert shown.startswith("The canary costs 31.20 a year: 0.030% of what the student saves.")
    assert "10% of the calls back to the teacher, a year more" in shown
    assert "10,296.00" in shown


def test_costs_as_json_are_the_same_whether_the_price_is_by_pair_or_by_token():
    _, by_pair, _ = run(*GIVEN, "--teacher-price", "0.002", "--json")
    _, by_token, _ = run(*GIVEN, "--token-price", "2.5", "--tokens", "800", "--json")

    assert json.loads(by_pair) == json.loads(by_token)
    assert json.loads(by_pair)["canary_a_year"] == 31.2


def test_without_a_saving_the_reason_is_told():
    _, shown, _ = run("costs", "--student-price", "5", "--calls", "10", "--teacher-price", "0.002")

    assert "costs no less than one of the teacher" in shown


def test_a_wrong_price_is_one_message():
    for given, message in (
        (("--teacher-price", "-1"), "(--teacher-price) must be a number in [0, inf); found -1.0"),
        (("--teacher-price", "nan"), "found nan"),
        (("--token-price", "1"), "either --teacher-price, or --token-price with --tokens"),
        (("--teacher-price", "1", "--tokens", "1"), "Give one of them"),
    ):
        code, shown, said = run(*GIVEN, *given)

        assert (code, shown) == (2, "")
        assert message in said
        assert said.count("Error") == 1
