import pytest

from drift_core.rescoring.reply import read_failure
from drift_core.rescoring.request_errors import read_error
from tests.drift_core.rescoring.servers import SERVERS


@pytest.mark.parametrize("server", SERVERS, ids=[server.name for server in SERVERS])
def test_each_server_is_understood(server):
    long, refused = (
        read_failure(each.status, each.body.get("error", each.body), {}) for each in (server.too_long, server.refused)
    )

    assert (long.kind, long.error.is_too_long, long.error.parameter) == ("rejected", True, None)
    assert (refused.kind, refused.error.is_too_long, refused.error.parameter) == ("rejected", False, server.parameter)


@pytest.mark.parametrize(
    ("words", "parameter", "option"),
    [
        ("max_tokens is too large: 5000. This model supports at most 4096 completion tokens.", "max_tokens", "Lower"),
        ("Could not finish the message because max_tokens or model output limit was reached.", "max_tokens", "Raise"),
        ("Unsupported parameter: 'max_completion_tokens'.", "max_completion_tokens", ""),
        ("Unsupported value: 'temperature' does not support 0 with this model.", "temperature", "--temperature none"),
        ("This response_format type is unavailable now", "response_format", "--regex PATTERN"),
        ("max_tokens must be at least 1, got -186.", None, ""),
        ("We measured the temperature of your city.", None, ""),
        ("Your tool_choice is unsupported.", None, ""),
    ],
)
def test_a_parameter_is_found_in_the_words(words, parameter, option):
    error = read_error({"message": words})

    assert error.parameter == parameter
    assert option in error.mended_by
    assert bool(option) == bool(error.mended_by)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            {
                "detail": [
                    {"loc": ["body", "seed"], "msg": "Input should be an integer", "type": "int_type", "input": "x"}
                ]
            },
            "seed: Input should be an integer",
        ),
        ({"detail": "Model not loaded."}, "Model not loaded."),
        ({"detail": {"loc": ["body", "response_format"], "input": "json_schema"}}, "response_format: not accepted"),
        (
            {"message": [{"loc": ["body", "n"], "msg": "Extra inputs are not permitted"}]},
            "n: Extra inputs are not permitted",
        ),
        ({"detail": [3, None, {"loc": "x"}]}, "not accepted"),
        ([1], ""),
    ],
)
def test_details_of_pydantic_and_fastapi_are_told(body, words):
    assert read_error(body).words == words


def test_the_texts_that_a_detail_repeats_are_not_told():
    body = {"detail": [{"loc": ["body", "seed"], "msg": "No.", "input": "a secret doc"}]}

    assert "secret" not in repr(read_error(body))


def test_a_prompt_that_is_too_long_is_no_matter_of_trying_again():
    assert (
        read_failure(500, {"message": "the request exceeds the available context size", "code": 500}, {}).kind
        == "rejected"
    )
    assert read_failure(500, {"message": "The server had an error."}, {}).kind == "again"
