"""Diagnose distillation drift: whether a distilled judge still agrees with its teacher on production, and why not.

The public names; each is imported when it is first used, so that importing the package costs nothing.
"""

# ruff: noqa: F401 - type checkers read the imports, `__getattr__` the table

from importlib import import_module
from typing import TYPE_CHECKING

from drift_core.version import VERSION

if TYPE_CHECKING:
    from drift_core.diagnosis.cause import Verdict
    from drift_core.diagnosis.concentration import Region
    from drift_core.diagnosis.diagnose import diagnose, find_partitions, priced
    from drift_core.diagnosis.diagnosis import Diagnosis
    from drift_core.diagnosis.json_text import json_text
    from drift_core.diagnosis.record import diagnosis_to_json, pairs_table
    from drift_core.diagnosis.regions_result import RegionsTest, compare_regions
    from drift_core.diagnosis.rule import Rule
    from drift_core.diagnosis.rule_file import read_rule
    from drift_core.diagnosis.settings import Settings
    from drift_core.diagnosis.spread import SpreadTest, measure_spread
    from drift_core.diagnosis.top_k import TopKTest, measure_overlap, read_top_k
    from drift_core.errors import (
        DriftError,
        EncoderError,
        EndpointError,
        InputError,
        ReleaseBlocked,
        SettingError,
        StudentError,
    )
    from drift_core.measures.estimate import Measured, Unmeasured
    from drift_core.regions.cache import EmbeddingCache, default_cache_path
    from drift_core.regions.embeddings import QueryEmbeddings, embed_docs, embed_queries
    from drift_core.regions.encoding import load_encoder
    from drift_core.regions.partitions import Partition
    from drift_core.regions.projection import MapLayout, draw_map
    from drift_core.report import render_report
    from drift_core.samples.pairs import ScoredPairs
    from drift_core.samples.problem import Problem
    from drift_core.samples.reading import read_pairs, read_table
    from drift_core.samples.sampling import Limits
    from drift_core.samples.simulating import SCENARIOS, Plan, shipped_scenario_paths, simulate, write_scenario
    from drift_core.treatment.canary.accepting import accept_level
    from drift_core.treatment.canary.alarm import assess
    from drift_core.treatment.canary.assessment import Baseline, WeekAssessment
    from drift_core.treatment.canary.change_point import ChangePoint, find_change
    from drift_core.treatment.canary.decision import Decision
    from drift_core.treatment.canary.events import Event, find_events
    from drift_core.treatment.canary.exchange import Imported, export_csv, import_csv
    from drift_core.treatment.canary.explanation import Explanation, explain_alarm
    from drift_core.treatment.canary.history import History, open_history
    from drift_core.treatment.canary.measuring import canary_run
    from drift_core.treatment.canary.newest import newest_sentence
    from drift_core.treatment.canary.recording import Recorded
    from drift_core.treatment.canary.region_weeks import RegionWeeks, follow_regions
    from drift_core.treatment.canary.run import CanaryRun
    from drift_core.treatment.canary.strict import StrictReading, strict_reading
    from drift_core.treatment.canary.unchecked_weeks import unchecked_weeks
    from drift_core.treatment.canary.week_record import week_to_json
    from drift_core.treatment.canary.withdrawal import Withdrawal, find_withdrawals, standing_runs
    from drift_core.treatment.canary.withdrawing import restore_run, withdraw_run, withdrawn_weeks
    from drift_core.treatment.canary.year import shipped_canary_files, write_canary_year
    from drift_core.treatment.comparison.compare import Comparison, Students, compare
    from drift_core.treatment.comparison.operating_figures import OperatingFigure
    from drift_core.treatment.comparison.part import PartChange
    from drift_core.treatment.comparison.record import ComparisonRecord, comparison_to_json, read_comparison
    from drift_core.treatment.comparison.regions import query_clusters
    from drift_core.treatment.comparison.usable_pairs import TrainedPairs, read_trained_pairs, with_scores_before
    from drift_core.treatment.costs import CanaryCosts, Prices, canary_costs, price_per_pair
    from drift_core.treatment.expected import Expectation, expect_agreement
    from drift_core.treatment.option import Option
    from drift_core.treatment.release.card_check import CardCheck, check_card
    from drift_core.treatment.release.card_file import edit_card, init_card, pin_card, read_card
    from drift_core.treatment.release.gate import decide_gate
    from drift_core.treatment.release.gate_decision import GateDecision
    from drift_core.treatment.release.gate_files import gate_to_json, gate_to_junit
    from drift_core.treatment.release.judge_card import JudgeCard
    from drift_core.treatment.release.last_canary import clear_last_canary, set_last_canary, update_last_canary
    from drift_core.treatment.release.release import gate_release, override_release, read_gate
    from drift_core.treatment.release.settings import GateSettings
    from drift_core.treatment.rescore.answers import ScoreFormat
    from drift_core.treatment.rescore.order import Rescoring
    from drift_core.treatment.rescore.pace import Pace
    from drift_core.treatment.rescore.prompt import Prompt
    from drift_core.treatment.rescore.rereading import reread_list
    from drift_core.treatment.rescore.rescored import RescoredList, write_rescored
    from drift_core.treatment.rescore.rescoring import rescore_list
    from drift_core.treatment.rescore.spending import CallPrices, Cap
    from drift_core.treatment.rescore.standing import estimate_rescoring, read_rescored
    from drift_core.treatment.rescore.teacher import ApiKey, Teacher
    from drift_core.treatment.rescore.trial import TriedPair, read_trial
    from drift_core.treatment.retrain_list.excluded import ExcludedPairs, exclude_sample, read_excluded
    from drift_core.treatment.retrain_list.exports import export_files
    from drift_core.treatment.retrain_list.list_files import manifest_files, write_manifest
    from drift_core.treatment.retrain_list.manifest import (
        ListSettings,
        Manifest,
        Quota,
        draw_manifest,
        plan_quotas,
        sampling_frame,
    )
    from drift_core.treatment.retrain_list.near_duplicates import embed_pairs
    from drift_core.treatment.retrain_list.verifying import Verification, verify_manifest
    from drift_core.treatment.routes import Routes, weigh_options
    from drift_core.treatment.student.lineage import Lineage, Retraining
    from drift_core.treatment.student.model import Student, load_student
    from drift_core.treatment.student.retrained import retrain
    from drift_core.treatment.student.scoring import score_pairs
    from drift_core.treatment.student.settings import RetrainSettings, ScoreRange
    from drift_core.treatment.week.clusters import ClusterTexts
    from drift_core.treatment.week.sample import WeekSample, draw_week
    from drift_core.treatment.week.settings import WeekSettings

__version__ = VERSION

_HOMES = {
    "diagnosis.cause": "Verdict",
    "diagnosis.concentration": "Region",
    "diagnosis.diagnose": "Diagnosis Settings diagnose find_partitions priced",
    "diagnosis.record": "diagnosis_to_json json_text pairs_table",
    "diagnosis.regions_result": "RegionsTest compare_regions",
    "diagnosis.rule": "Rule",
    "diagnosis.rule_file": "read_rule",
    "diagnosis.spread": "SpreadTest measure_spread",
    "diagnosis.top_k": "TopKTest measure_overlap read_top_k",
    "errors": "DriftError EncoderError EndpointError InputError ReleaseBlocked SettingError StudentError",
    "measures.estimate": "Measured Unmeasured",
    "regions.cache": "EmbeddingCache default_cache_path",
    "regions.embeddings": "QueryEmbeddings embed_docs embed_queries",
    "regions.encoding": "load_encoder",
    "regions.partitions": "Partition",
    "regions.projection": "MapLayout draw_map",
    "report": "render_report",
    "samples.pairs": "Problem ScoredPairs",
    "samples.reading": "read_pairs read_table",
    "samples.sampling": "Limits",
    "samples.simulating": "SCENARIOS Plan shipped_scenario_paths simulate write_scenario",
    "treatment.canary.accepting": "accept_level",
    "treatment.canary.alarm": "assess",
    "treatment.canary.assessment": "Baseline WeekAssessment",
    "treatment.canary.change_point": "ChangePoint find_change",
    "treatment.canary.decision": "Decision",
    "treatment.canary.events": "Event find_events",
    "treatment.canary.exchange": "Imported export_csv import_csv",
    "treatment.canary.explanation": "Explanation explain_alarm",
    "treatment.canary.history": "History Recorded open_history",
    "treatment.canary.measuring": "canary_run",
    "treatment.canary.newest": "newest_sentence",
    "treatment.canary.region_weeks": "RegionWeeks follow_regions",
    "treatment.canary.run": "CanaryRun",
    "treatment.canary.strict": "StrictReading strict_reading",
    "treatment.canary.week_record": "week_to_json",
    "treatment.canary.withdrawal": "Withdrawal find_withdrawals standing_runs",
    "treatment.canary.withdrawing": "restore_run withdraw_run withdrawn_weeks",
    "treatment.canary.year": "shipped_canary_files write_canary_year",
    "treatment.comparison.compare": "Comparison Students compare",
    "treatment.comparison.operating_figures": "OperatingFigure",
    "treatment.comparison.part": "PartChange",
    "treatment.comparison.record": "ComparisonRecord comparison_to_json read_comparison",
    "treatment.comparison.regions": "query_clusters",
    "treatment.comparison.usable_pairs": "TrainedPairs read_trained_pairs with_scores_before",
    "treatment.costs": "CanaryCosts Prices canary_costs price_per_pair",
    "treatment.expected": "Expectation expect_agreement",
    "treatment.release.card_check": "CardCheck check_card",
    "treatment.release.card_file": "edit_card init_card pin_card read_card set_last_canary clear_last_canary "
    "update_last_canary",
    "treatment.release.gate": "GateDecision decide_gate",
    "treatment.release.gate_files": "gate_to_json gate_to_junit",
    "treatment.release.judge_card": "JudgeCard",
    "treatment.release.release": "gate_release override_release read_gate",
    "treatment.release.settings": "GateSettings",
    "treatment.rescore.answers": "ScoreFormat",
    "treatment.rescore.order": "Rescoring",
    "treatment.rescore.pace": "Pace",
    "treatment.rescore.prompt": "Prompt",
    "treatment.rescore.rescored": "RescoredList write_rescored",
    "treatment.rescore.rereading": "reread_list",
    "treatment.rescore.rescoring": "rescore_list",
    "treatment.rescore.spending": "CallPrices Cap",
    "treatment.rescore.standing": "estimate_rescoring read_rescored",
    "treatment.rescore.teacher": "ApiKey Teacher",
    "treatment.rescore.trial": "TriedPair read_trial",
    "treatment.retrain_list.excluded": "ExcludedPairs exclude_sample read_excluded unchecked_weeks",
    "treatment.retrain_list.exports": "export_files",
    "treatment.retrain_list.list_files": "manifest_files write_manifest",
    "treatment.retrain_list.manifest": "ListSettings Manifest Quota draw_manifest plan_quotas sampling_frame",
    "treatment.retrain_list.near_duplicates": "embed_pairs",
    "treatment.retrain_list.verifying": "Verification verify_manifest",
    "treatment.routes": "Option Routes weigh_options",
    "treatment.student.model": "Student load_student",
    "treatment.student.retrained": "Lineage Retraining retrain",
    "treatment.student.scoring": "score_pairs",
    "treatment.student.settings": "RetrainSettings ScoreRange",
    "treatment.week.clusters": "ClusterTexts",
    "treatment.week.sample": "WeekSample draw_week",
    "treatment.week.settings": "WeekSettings",
}
_HOME = {name: f"drift_core.{module}" for module, names in _HOMES.items() for name in names.split()}

__all__ = ["__version__", *sorted(_HOME)]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'drift_core' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
