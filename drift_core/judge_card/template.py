"""The commented judge card that `card init` writes; its numbers are those of the rule and the settings."""

from drift_core.judge_card.card import RULE, Governance, JudgeCard

_DEFAULT = JudgeCard()

_TEXT = """\
# Judge card: what this student is, what it was trained on, and what its releases are held to.
# `distillation-drift card check` says what is missing, `card pin` sets the teacher's revision after a retraining,
# `gate --card` holds a release to it. Put texts, dates and revisions in quotes.
schema: {schema}

owner: ""  # who answers for this student
review_every_days: {review}
last_review: ""  # "2026-05-01"

student:
  version: ""  # as given to `canary --student-version`
  parent: ""  # version of the student it was fine-tuned from; written by `retrain`
  model_path: ""

teacher:
  model: ""
  revision: ""  # the pin: the revision that scored the training pairs

training:
  snapshot: ""  # name or date of the snapshot of traffic
  n_pairs:  # number of training pairs
  list_digest: ""  # SHA-256 of the retrain list; written by `retrain`, as is the seed
  seed:
  date: ""
  capacity: ""  # written by `retrain` where the student stays far under its teacher

# A release needs a canary run that is not older than this, one day of grace included.
canary:
  cadence_days: {cadence}
  last:  # written by `canary --card`
    at: ""
    agreement:
    overlap:
    teacher_revision: ""

# A release is blocked when the whole interval of the newest run lies below a floor.
floors:
  # Spearman; where the judge answers with labels, the share of pairs with the same label. Of two answers beside a
  # probability it is the area under the curve: there {agreement:.2f} stands for the baseline less {loss:g}, another
  # number for itself.
  agreement: {agreement:.2f}
  overlap: {overlap:.2f}  # of the top K; where held-out itself shows less at the same size, that counts; not for labels

# Regions with a floor of their own, on agreement or their measure: "overlap", "kappa" (labels), "precision" or "recall"
# (of the positive one of two labels), which `canary --card` then records:
#   - partition: "country"
#     name: "DE"
#     floor: 0.80
critical_slices: []

tail_set:  # the hardest pairs, which every comparison must have; written by `tail`
  digest: ""
  n_pairs:

shadow_review:  # share of the disagreements in which the student is wrong; written by `review result --card`
  at: ""
  student_version: ""
  wrong:
  wrong_low:
  wrong_high:

gate:
  inconclusive: ""  # block or pass; left empty, the gate answers with exit code 3

retrain_triggers:
  teacher_revision_change: "{revision_change}"
  agreement_below_floor: "{agreement_below}"
  overlap_below_floor: "{overlap_below}"  # labels have no overlap
  every_days: {quarter}  # once a quarter in any case

# Before production: done is yes or no, with who checked it and when.
governance:
"""

_POINT = """\
  {name}:  # {field.description}
    done: "no"
    by: ""
    date: ""
"""

TEMPLATE = _TEXT.format(
    schema=_DEFAULT.schema_version,
    review=_DEFAULT.review_every_days,
    cadence=_DEFAULT.canary.cadence_days,
    loss=RULE.material_loss,
    agreement=_DEFAULT.floors.agreement,
    overlap=_DEFAULT.floors.overlap,
    revision_change=_DEFAULT.retrain_triggers.teacher_revision_change,
    agreement_below=_DEFAULT.retrain_triggers.agreement_below_floor,
    overlap_below=_DEFAULT.retrain_triggers.overlap_below_floor,
    quarter=_DEFAULT.retrain_triggers.every_days,
) + "".join(_POINT.format(name=name, field=field) for name, field in Governance.model_fields.items())
