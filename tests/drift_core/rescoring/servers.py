"""Teachers' endpoints as their servers really answer: the envelope of an answer and the errors, each in its shape."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.drift_core.rescoring.endpoint import Call, Reply

THOUGHT = "Let me see. The query asks for"
ENOUGH_TOKENS = 2000  # for a model that thinks first


@dataclass(frozen=True, kw_only=True)
class Server:
    """One server.

    `too_long` is its error for a prompt over the context, `refused` the one for `parameter`, which it does not take.
    `thinking` puts a thought into a message, in its field or in the text.
    """

    name: str
    too_long: Reply
    refused: Reply
    parameter: str
    thinking: Callable[[dict, bool], None]
    extras: dict = field(default_factory=dict)

    def answer(self, call: Call, text: str) -> Reply:
        return Reply(body=self._body(call, {"role": "assistant", "content": text}, "stop"))

    def cut_within_a_thought(self, call: Call) -> Reply:
        message = {"role": "assistant", "content": ""}
        self.thinking(message, True)
        return Reply(body=self._body(call, message, "length"))

    def answer_after_a_thought(self, call: Call, text: str) -> Reply:
        message = {"role": "assistant", "content": text}
        self.thinking(message, False)
        return Reply(body=self._body(call, message, "stop"))

    def refuses(self, call: Call) -> bool:
        """Whether a call has what this server does not take; of a temperature any but the default."""
        return call.body.get(self.parameter, 1) != 1

    def _body(self, call: Call, message: dict, finish: str) -> dict:
        return {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": call.body["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": finish}],
            "usage": {"prompt_tokens": 20, "completion_tokens": 5, "total_tokens": 25},
            **self.extras,
        }


def in_a_field(name):
    def put(message: dict, is_cut: bool) -> None:
        message[name] = THOUGHT
        if is_cut:
            message["content"] = None

    return put


def in_the_text(message: dict, is_cut: bool) -> None:
    message["content"] = f"<think>{THOUGHT}" + ("" if is_cut else f"</think>\n{message['content']}")


def in_blocks(message: dict, is_cut: bool) -> None:
    """Blocks of content; one of thinking has no text."""
    blocks = [{"type": "thinking", "thinking": THOUGHT}]
    message["content"] = blocks if is_cut else [*blocks, {"type": "text", "text": message["content"]}]


def nowhere(message: dict, is_cut: bool) -> None:
    """The thought is charged and not shown."""


def openai_error(message, *, status=400, code=None, param=None, kind="invalid_request_error", **more):
    body = {"error": {"message": message, "type": kind, "param": param, "code": code, **more}}
    return Reply(status=status, body=body)


def vllm_error(message):
    body = {"object": "error", "message": message, "type": "BadRequestError", "param": None, "code": 400}
    return Reply(status=400, body=body)


def pydantic(loc, what):
    return [{"type": "extra_forbidden", "loc": list(loc), "msg": what, "input": 256}]


SERVERS = (
    Server(
        name="vLLM",
        too_long=vllm_error(
            "This model's maximum context length is 8192 tokens. However, you requested 9256 tokens (9000 in the "
            "messages, 256 in the completion). Please reduce the length of the messages or completion."
        ),
        refused=vllm_error(
            "[{'type': 'extra_forbidden', 'loc': ('body', 'max_tokens'), 'msg': 'Extra inputs are not permitted', "
            "'input': 256}]"
        ),
        parameter="max_tokens",
        thinking=in_a_field("reasoning_content"),
    ),
    Server(
        name="llama.cpp",
        too_long=openai_error(
            "the request exceeds the available context size, try increasing it",
            code=400,
            kind="exceed_context_size_error",
            n_prompt_tokens=9000,
            n_ctx=8192,
        ),
        refused=openai_error('response_format type must be one of "text" or "json_object", but got: json_schema'),
        parameter="response_format",
        thinking=in_a_field("reasoning_content"),
        extras={"system_fingerprint": "b6711-d64c8104"},
    ),
    Server(
        name="Ollama",
        too_long=openai_error("the input length exceeds the context length", kind="api_error"),
        refused=openai_error(
            "json: cannot unmarshal object into Go struct field ChatCompletionRequest.response_format of type string"
        ),
        parameter="response_format",
        thinking=in_the_text,
        extras={"system_fingerprint": "fp_ollama"},
    ),
    Server(
        name="Anthropic-compatible",
        too_long=Reply(
            status=400,
            body={
                "type": "error",
                "error": {
                    "type": "invalid_request_error",
                    "message": "prompt is too long: 209000 tokens > 200000 maximum",
                },
            },
        ),
        refused=Reply(
            status=400,
            body={
                "type": "error",
                "error": {"type": "invalid_request_error", "message": "`temperature` is deprecated for this model."},
            },
        ),
        parameter="temperature",
        thinking=in_blocks,
    ),
    Server(
        name="DashScope-compatible",
        too_long=openai_error(
            "<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 30720]",
            code="invalid_parameter_error",
            request_id="81a373d6",
        ),
        refused=openai_error(
            "<400> InternalError.Algo.InvalidParameter: Json mode response is not supported when enable_thinking is "
            "true.",
            code="invalid_parameter_error",
        ),
        parameter="response_format",
        thinking=in_a_field("reasoning_content"),
    ),
    Server(
        name="Azure OpenAI",
        too_long=openai_error(
            "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
            code="context_length_exceeded",
            param="messages",
        ),
        refused=openai_error(
            "response_format value as json_schema is enabled only for api versions 2024-08-01-preview and later",
            kind="",
            param="",
            code="BadRequest",
        ),
        parameter="response_format",
        thinking=nowhere,
        extras={"system_fingerprint": "fp_ee1d74bde0"},
    ),
    Server(
        name="Azure AI Foundry",
        too_long=Reply(
            status=422,
            body={
                "error": {
                    "code": "Invalid input",
                    "status": 422,
                    "message": "invalid input error",
                    "details": [{"type": "value_error", "msg": "Prompt is too long"}],
                }
            },
        ),
        refused=Reply(status=422, body={"detail": pydantic(("body", "max_tokens"), "Extra inputs are not permitted")}),
        parameter="max_tokens",
        thinking=in_the_text,
    ),
    Server(
        name="LiteLLM",
        too_long=openai_error(
            "litellm.ContextWindowExceededError: litellm.BadRequestError: OpenAIException - Input tokens exceed the "
            "configured limit of 8192 tokens. Received Model Group=judge\nAvailable Model Group Fallbacks=None",
            code="400",
            kind=None,
        ),
        refused=openai_error(
            "litellm.UnsupportedParamsError: gpt-5 models (including gpt-5-codex) don't support temperature=0.0. Only "
            "temperature=1 is supported. To drop unsupported params set litellm.drop_params = True.",
            code="400",
            kind="None",
        ),
        parameter="temperature",
        thinking=in_a_field("reasoning_content"),
    ),
    Server(
        name="OpenAI",
        too_long=openai_error(
            "Input tokens exceed the configured limit of 8192 tokens. Your messages resulted in 9000 tokens. Please "
            "reduce the length of the messages.",
            code="context_length_exceeded",
            param="messages",
        ),
        refused=openai_error(
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' "
            "instead.",
            code="unsupported_parameter",
            param="max_tokens",
        ),
        parameter="max_tokens",
        thinking=nowhere,
        extras={"system_fingerprint": "fp_1"},
    ),
)


def score_of(doc: str) -> float:
    return int(doc.split()[1]) / 1000


# Shapes of an answer whose score is that of its doc, and what reads them.
SHAPES: dict[str, tuple[Callable[[str], str], dict]] = {
    "another key": (
        lambda doc: json.dumps({"relevance": score_of(doc), "confidence": 0.9, "why": "It fits."}),
        {"key": "relevance"},
    ),
    "prose": (lambda doc: f"I read both.\n**Score**: {score_of(doc)}, as it fits.", {"regex": r"Score\W+([0-9.]+)"}),
    "a fraction": (lambda doc: f"{5 * score_of(doc):.3f}/5", {"regex": "([0-9.]+) ?/ ?5", "high": 5.0}),
}
