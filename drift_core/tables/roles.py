"""The roles that columns can have, each with the names by which its column is recognised."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from drift_core.tables.repeats import REPEAT_ROLES


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """What a column can be for; `names` run from the most specific to the least, `usual` are those of messages."""

    meaning: str
    required: bool
    names: tuple[str, ...]
    usual: tuple[str, ...] = ()


def _role(meaning: str, names: str, *, required: bool = False, usual: str = "") -> Role:
    return Role(meaning=meaning, required=required, names=tuple(names.split()), usual=tuple(usual.split()))


PROBABILITY_NAMES = (
    "student_probability student_prob student_proba student_p student_p_pass student_pass_probability "
    "distilled_probability distilled_prob predicted_probability pred_probability pred_prob pred_proba predict_proba "
    "pass_probability pass_prob prob_pass proba_pass p_pass"
)

VAGUE_NAMES = ("score", "verdict")  # which may be of either judge

ROLES: Mapping[str, Role] = MappingProxyType(
    {
        "query": _role(
            "text of the query",
            "query query_text q search_query search_term user_query customer_query user_input question user_question "
            "customer_question prompt user_prompt prompt_text user_message customer_message user_request instruction "
            "input input.value reranker.query utterance request message",
            required=True,
            usual="query question prompt",
        ),
        "teacher": _role(
            "score or label by the teacher that scores today",
            "teacher_score teacher teacher_score_current current_teacher_score judge_score judge llm_judge_score "
            "llm_judge llm_score reference_score oracle_score teacher_verdict teacher_label teacher_grade "
            "teacher_rating teacher_judge judge_verdict judge_label judge_grade judge_rating llm_verdict llm_label "
            "llm_grade llm_rating gpt_judge gpt_score teacher_winner teacher_preference teacher_choice "
            "teacher_decision judge_winner judge_preference judge_choice judge_decision teacher_score_1 "
            "teacher_score_r1 teacher_score_run_1 judge_score_1",
            required=True,
            usual="teacher_score teacher_verdict teacher judge_score verdict",
        ),
        "student": _role(
            "score or label by the student",
            "student_score student student_prediction distilled_score distilled reranker_score cross_encoder_score "
            "ce_score student_verdict student_label student_grade student_rating student_judge student_winner "
            "student_preference student_choice student_decision distilled_judge "
            f"small_judge predicted_score predicted_label prediction pred model_score {PROBABILITY_NAMES}",
            required=True,
            usual="student_score student_verdict student student_probability",
        ),
        "doc": _role(
            "text of the document",
            "doc doc_text document document_text passage passage_text d answer agent_answer assistant_answer response "
            "response_text agent_response assistant_response model_response bot_response agent_reply assistant_reply "
            "bot_reply reply agent_message assistant_message completion output model_output actual_output output.value "
            "candidate snippet chunk translation summary article content text body",
        ),
        "pair_id": _role(
            "identifier of the pair, different in every row",
            "pair_id example_id row_id record_id sample_id uid uuid id",
        ),
        "query_id": _role(
            "identifier of the query, the same for all its docs",
            "query_id qid search_query_id question_id prompt_id search_id",
        ),
        "timestamp": _role(
            "when the pair was seen, as ISO 8601, or seconds, milliseconds or finer since 1970",
            "timestamp timestamp_utc datetime event_time created_at logged_at scored_at time ts date day",
        ),
        "teacher_pinned": _role(
            "score by the teacher revision that the student was trained against",
            "teacher_score_pinned teacher_pinned pinned_teacher_score pinned_teacher pinned_score teacher_score_old "
            "old_teacher_score teacher_old judge_score_pinned pinned_judge_score judge_pinned pinned",
        ),
        "label": _role(
            "label or score by a human",
            "label_human human_label human_score gold_label gold_score ground_truth human_verdict human_grade "
            "human_rating human gold label relevance qrel",
        ),
        "weight": _role(
            "how many pairs of the traffic this one stands for, above 0",
            "weight sampling_weight sample_weight pair_weight inclusion_weight",
        ),
        "student_before": _role(
            "score by the student before, which this one replaces",
            "student_score_before student_before predecessor_score previous_student_score old_student_score "
            "student_score_old",
        ),
        "teacher_cost": _role("price of the teacher's call", "teacher_cost"),
        "student_cost": _role("price of the student's call, in the same currency", "student_cost"),
        "student_before_cost": _role("price of a call of the student before", "student_before_cost"),
        "teacher_latency_ms": _role("milliseconds of the teacher's call", "teacher_latency_ms"),
        "student_latency_ms": _role("milliseconds of the student's call", "student_latency_ms"),
        "student_before_latency_ms": _role("milliseconds of a call of the student before", "student_before_latency_ms"),
    }
    | {
        f"{who}_output": _role(
            f"output that the {who} gave, whose structure is checked",
            " ".join(f"{who}_{word}" for word in ("output", "raw_output", "response", "completion", "answer", "json")),
        )
        for who in ("teacher", "student")
    }
    | {
        f"{who}_{event}": _role(meaning.format(call), f"{who}_{event} {also.format(who)}")
        for who, call in (
            ("teacher", "the teacher's call"),
            ("student", "the student's call"),
            ("student_before", "the call of the student before"),
        )
        for event, meaning, also in (
            ("fallback", "whether another model had to answer {}", "{}_fell_back"),
            ("retries", "how often {} was tried again", "{0}_retry_count {0}_retried"),
            ("timeout", "whether {} timed out", "{}_timed_out"),
        )
    }
    | {
        role: _role("score by the same teacher in another run; recognised by the teacher's", "")
        for role in REPEAT_ROLES
    }
)
