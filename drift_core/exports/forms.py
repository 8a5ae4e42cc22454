"""The forms of exports that are read, one entry each, by each project's own names.

Where the names were taken from stands in docs/files.md; how a record is read by its form is in `gathering`.
"""

from drift_core.exports.form import Documents, Form, Scores

_SPANS = ("resourceSpans[].scopeSpans[].spans[]", "data[]")  # of OTLP, and of Phoenix's interface
_LOGS = ("resourceLogs[].scopeLogs[].logRecords[]",)
_TRACERS = ("openinference", "phoenix", "otel")  # one writes what another's convention names
_SPAN_IDS = ("spanId", "context.span_id", "span_id")
_TRACE_IDS = ("traceId", "context.trace_id", "trace_id")
_PARENTS = ("parentSpanId", "parent_id")
_STARTS = ("startTimeUnixNano", "start_time")
_EVALUATION = "attributes.gen_ai.evaluation"
_RESPONSE_ID = "attributes.gen_ai.response.id"


def _langfuse(trace: str, parent: str, start: str, model: str) -> Form:
    return Form(
        tool="langfuse",
        holds="observations",
        marks=("id", "type", trace, start, "input", "output"),
        within=("data[]",),
        known_as=("id",),
        stands_for=(trace,),
        top=(parent,),
        query=("input",),
        doc=("output",),
        timestamp=(start,),
        slices={"name": ("name",), "environment": ("environment",), "model": (model,)},
    )


def _langfuse_scores(observation: str, trace: str, kind: str, text: str) -> Form:
    return Form(
        tool="langfuse",
        holds="scores",
        marks=("name", "value", "source", kind, trace),
        within=("data[]",),
        scores=Scores(name=("name",), value=(text, "value"), source="source", people=("ANNOTATION",)),
        scored=(observation, trace),
    )


def _documents(kind: str, at: str, query: tuple[str, ...], scorer: str = "") -> Form:
    return Form(
        tool="openinference",
        also=_TRACERS,
        holds=f"{kind} spans",
        marks=(at,),
        within=_SPANS,
        known_as=_SPAN_IDS,
        group=_TRACE_IDS,
        query=query,
        documents=Documents(
            at=at,
            text="document.content",
            known_as="document.id",
            score="document.score",
            scorer=scorer,
            instead=f"{kind} score",
        ),
        timestamp=_STARTS,
    )


def _evaluations(at: str = "") -> Scores:
    """Events ``gen_ai.evaluation.result``."""
    value = (f"{_EVALUATION}.score.value", f"{_EVALUATION}.score.label")
    return Scores(at=at, name=(f"{_EVALUATION}.name",), value=value)


def _spans(tool: str, query: str, doc: str, model: str, response: str = "") -> Form:
    return Form(
        tool=tool,
        also=_TRACERS,
        holds="spans",
        marks=(query, doc),
        within=_SPANS,
        known_as=(*_SPAN_IDS, *filter(None, [response])),
        lacks=response,
        stands_for=_TRACE_IDS,
        top=_PARENTS,
        query=(query,),
        doc=(doc,),
        timestamp=_STARTS,
        slices={"name": ("name",), "model": (model,)},
        scores=_evaluations("events"),
    )


def _mlflow(ids: str, info: str, query: str, doc: str, *more_marks: str) -> Form:
    """A trace as JSON, whose texts are in its previews, or as a row of ``search_traces``."""
    return Form(
        tool="mlflow",
        holds="traces",
        marks=(ids, query, doc, *more_marks),
        within=("traces[]",),
        known_as=(ids,),
        query=(query,),
        doc=(doc,),
        is_quoted=True,
        timestamp=(f"{info}request_time", f"{info}timestamp_ms"),
        scores=Scores(
            at=f"{info}assessments",
            name=("assessment_name",),
            value=("feedback.value",),
            source="source.source_type",
            people=("HUMAN",),
            valid="valid",
        ),
    )


# The first form that a record has is its own: those with more marks stand before those with fewer.
FORMS: tuple[Form, ...] = (
    _langfuse("trace_id", "parent_observation_id", "start_time", "provided_model_name"),
    _langfuse("traceId", "parentObservationId", "startTime", "model"),
    _langfuse_scores("observation_id", "trace_id", "data_type", "string_value"),
    _langfuse_scores("observationId", "traceId", "dataType", "stringValue"),
    Form(
        tool="langfuse",
        holds="traces",
        marks=("id", "timestamp", "project_id", "bookmarked", "input", "output"),
        known_as=("id",),
        query=("input",),
        doc=("output",),
        timestamp=("timestamp",),
        slices={"name": ("name",), "environment": ("environment",), "release": ("release",)},
    ),
    Form(
        tool="langfuse",
        holds="traces",
        marks=("id", "timestamp", "input", "output", "observations", "scores"),
        within=("data[]",),
        inner="observations",
        known_as=("id",),
        query=("input",),
        doc=("output",),
        timestamp=("timestamp",),
        slices={"name": ("name",), "environment": ("environment",), "release": ("release",)},
        scores=Scores(
            at="scores",
            name=("name",),
            value=("stringValue", "value"),
            source="source",
            people=("ANNOTATION",),
            scored="observationId",
        ),
    ),
    _documents(
        "reranker",
        "attributes.reranker.output_documents",
        ("attributes.reranker.query", "attributes.input.value"),
        "attributes.reranker.model_name",
    ),
    _documents("retriever", "attributes.retrieval.documents", ("attributes.input.value",)),
    _spans(
        "otel",
        "attributes.gen_ai.input.messages",
        "attributes.gen_ai.output.messages",
        "attributes.gen_ai.request.model",
        _RESPONSE_ID,
    ),
    _spans("openinference", "attributes.input.value", "attributes.output.value", "attributes.llm.model_name"),
    Form(
        tool="otel",
        also=_TRACERS,
        holds="evaluation events",
        marks=(f"{_EVALUATION}.name",),
        within=_LOGS,
        scores=_evaluations(),
        scored=(_RESPONSE_ID, "spanId"),  # a judge that is a span too logs within its own
        or_scored="spanId",
    ),
    Form(
        tool="phoenix",
        also=_TRACERS,
        holds="annotations",
        marks=("span_id", "annotator_kind", "result"),
        within=("data[]",),
        scores=Scores(
            name=("annotation_name", "name"),
            value=("result.score", "result.label"),
            source="annotator_kind",
            people=("HUMAN",),
        ),
        scored=("span_id",),
        position="document_position",
    ),
    Form(
        tool="langsmith",
        holds="runs",
        marks=("id", "run_type", "inputs", "outputs"),
        known_as=("id",),
        stands_for=("trace_id",),
        top=("parent_run_id",),
        query=("inputs",),
        doc=("outputs",),
        timestamp=("start_time",),
        slices={"name": ("name",), "run_type": ("run_type",)},
    ),
    Form(
        tool="langsmith",
        holds="feedback",
        marks=("run_id", "key", "score", "value"),
        scores=Scores(name=("key",), value=("score", "value"), source="feedback_source.type", people=("APP",)),
        scored=("run_id", "trace_id"),
    ),
    _mlflow("trace_id", "", "request", "response", "assessments"),
    _mlflow("info.trace_id", "info.", "info.request_preview", "info.response_preview"),
    _mlflow("request_id", "", "request", "response", "assessments"),
    _mlflow("info.request_id", "info.", "data.request", "data.response"),
    Form(
        tool="deepeval",
        holds="test cases",
        marks=("input", "actualOutput", "metricsData"),
        within=("testCases[]", "testRunData.testCases[]"),
        query=("input",),
        doc=("actualOutput",),
        scores=Scores(at="metricsData", name=("name",), value=("score",)),
    ),
    Form(
        tool="deepeval",
        holds="test results",
        marks=("input", "actual_output", "metrics_data"),
        within=("test_results[]",),
        query=("input",),
        doc=("actual_output",),
        scores=Scores(at="metrics_data", name=("name",), value=("score",)),
    ),
    Form(
        tool="promptfoo",
        holds="results",
        marks=("vars", "response", "namedScores"),
        within=("results.results[]", "results[]"),
        known_as=("id",),
        query=("vars", "prompt.raw"),
        doc=("response.output",),
        slices={"provider": ("provider.id",)},
        scores=Scores(at="namedScores"),
    ),
    Form(
        tool="braintrust",
        holds="rows",
        marks=("id", "span_id", "root_span_id", "input", "output", "scores"),
        within=("events[]", "data[]"),
        known_as=("id",),
        query=("input",),
        doc=("output",),
        timestamp=("created",),
        slices={"model": ("metadata.model",)},
        scores=Scores(at="scores"),
    ),
    Form(
        tool="openai",
        holds="output items",
        marks=("id", "datasource_item", "results", "sample"),
        within=("data[]",),
        known_as=("id",),
        query=("sample.input",),
        doc=("sample.output",),
        timestamp=("created_at",),
        slices={"model": ("sample.model",)},
        scores=Scores(at="results", name=("name",), value=("score",)),
    ),
    Form(tool="ragas", holds="rows", marks=("user_input", "response"), is_table=True),
)
TOOLS = tuple(dict.fromkeys(tool for form in FORMS for tool in (form.tool, *form.also)))


def forms_of(tool: str | None) -> tuple[Form, ...]:
    """The forms of one tool; of all without, but for those that are read as any other table."""
    if tool is None:
        return tuple(form for form in FORMS if not form.is_table)
    return tuple(form for form in FORMS if tool in (form.tool, *form.also))
