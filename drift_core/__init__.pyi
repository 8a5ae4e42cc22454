"""What a notebook needs, in the order of the walk; everything else is imported from its room."""

# Read
from .samples.reading import read_pairs as read_pairs
from .samples.pairs import ScoredPairs as ScoredPairs
from .samples.parts import Split as Split
from .samples.split import read_split as read_split
from .simulation.simulate import shipped_scenario_paths as shipped_scenario_paths, simulate as simulate

# Diagnose
from .diagnosis.diagnose import diagnose as diagnose
from .diagnosis.diagnosis import Diagnosis as Diagnosis
from .diagnosis.settings import Settings as Settings
from .agreement.rule import Rule as Rule
from .measured import Measured as Measured, Unmeasured as Unmeasured
from .agreement.spread import measure_spread as measure_spread
from .distributions.label_measures import measure_labels as measure_labels
from .agreement.top_k import measure_overlap as measure_overlap, read_top_k as read_top_k
from .regions.projection import draw_map as draw_map
from .diagnosis.diagnosis_json import diagnosis_to_json as diagnosis_to_json
from .report.render import render_report as render_report

# Treat
from .retrain_list.settings import ListSettings as ListSettings
from .retrain_list.manifest import draw_manifest as draw_manifest
from .retrain_list.files import write_manifest as write_manifest
from .review.pairs import ReviewSettings as ReviewSettings
from .review.draw import draw_review as draw_review
from .review.review_file import create_review as create_review, open_review as open_review
from .review.result import estimate_review as estimate_review
from .rescoring.rescore import rescore_list as rescore_list
from .rescoring.settings import Rescoring as Rescoring
from .rescoring.teacher import Teacher as Teacher
from .rescoring.budget import Cap as Cap
from .retraining.retrain import retrain as retrain
from .retraining.student import load_student as load_student
from .retraining.scoring import score_pairs as score_pairs
from .comparison.compare import Students as Students, compare as compare
from .options.weigh import weigh_options as weigh_options
from .options.costs import Prices as Prices

# Watch
from .weekly_sample.sample import draw_week as draw_week
from .live.recorder import Recorder as Recorder
from .canary.measure import canary_run as canary_run
from .canary.alarm import assess as assess
from .history.history import open_history as open_history
from .gate.release import gate_release as gate_release
from .judge_card.file import read_card as read_card

# Errors
from .errors import DriftError as DriftError, InputError as InputError, SettingError as SettingError

__version__: str
