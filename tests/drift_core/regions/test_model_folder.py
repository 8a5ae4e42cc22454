"""A folder of a model is data: nothing in it may run, by whatever name or setting."""

import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from drift_core.errors import EncoderError, StudentError
from drift_core.regions.encoding import load_encoder
from drift_core.regions.model_folder import MODULE_TYPES, fault_of_folder, is_activation
from drift_core.retraining.student import load_student
from tests.drift_core.retraining.cases import tiny_student


class Program:
    """Pickled, it makes a file where it is read."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str, str]]:
        return open, (str(self.marker), "w")


def change(path: Path, **settings: object) -> None:
    content = json.loads(path.read_text()) if path.exists() else {}
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content | settings))


def add_module(folder: Path, kind: str, place: str) -> None:
    path = folder / "modules.json"
    listed = json.loads(path.read_text())
    path.write_text(json.dumps([*listed, {"idx": len(listed), "name": str(len(listed)), "path": place, "type": kind}]))


def add_dense(folder: Path, activation: str) -> None:
    add_module(folder, "sentence_transformers.models.Dense", "9_Dense")
    change(folder / "9_Dense" / "config.json", in_features=16, out_features=1, activation_function=activation)


def pickled_weights(folder: Path, **arguments: object) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps({"weight": Program(folder / "ran")}, protocol=2))
    if arguments:
        change(folder / "sentence_bert_config.json", **arguments)


def router(folder: Path) -> None:
    add_module(folder, "sentence_transformers.models.Router", "9_Router")
    settings = {"types": {"a": "evil.Evil"}, "structure": {"q": ["a"]}, "parameters": {}}
    change(folder / "9_Router" / "router_config.json", **settings)


def word_embeddings(folder: Path) -> None:
    add_module(folder, "sentence_transformers.models.WordEmbeddings", "9_Words")
    change(folder / "9_Words" / "wordembedding_config.json", tokenizer_class="evil.Evil", update_embeddings=False)


def second_config(folder: Path) -> None:
    """A file that stands in for config.json."""
    shutil.copy(folder / "config.json", folder / "config.4.0.0.json")
    change(folder / "config.4.0.0.json", sbert_ce_default_activation_function="evil.Evil")
    change(folder / "config.json", configuration_files=["config.4.0.0.json"])


def setting(file: str, **settings: object) -> Callable[[Path], None]:
    return lambda folder: change(folder / file, **settings)


EVIL = "evil.Evil"
BERT, OWN = "sentence_bert_config.json", "config_sentence_transformers.json"
AUTO_MAP = dict.fromkeys(("AutoConfig", "AutoModel", "AutoTokenizer", "AutoProcessor"), "evil.Evil")
AUTO_MAP["AutoModelForSequenceClassification"] = "evil.Evil"
# Ways that the libraries would follow, or a version of them would, to code or out of the folder.
WAYS = {
    "module of the folder": lambda folder: add_module(folder, "evil.Evil", ""),
    "module of torch": lambda folder: add_module(folder, "torch.distributed.run.main", ""),
    "module of another part of the library": lambda folder: add_module(folder, "sentence_transformers.util.os", ""),
    "module outside of the folder": lambda folder: add_module(folder, "sentence_transformers.models.Dense", "../x"),
    "module outside, absolute": lambda folder: add_module(folder, "sentence_transformers.models.Dense", "/x"),
    "modules that are no list": lambda folder: (folder / "modules.json").write_text('{"type": "evil.Evil"}'),
    "router": router,
    "tokenizer of word embeddings": word_embeddings,
    "activation of a dense layer": lambda folder: add_dense(folder, "torch.utils.collect_env.main"),
    "activation of the folder in a dense layer": lambda folder: add_dense(folder, "evil.Evil"),
    "further settings": second_config,
    "pickled weights": pickled_weights,
    "pickled weights as a program": lambda folder: pickled_weights(folder, model_args={"weights_only": False}),
    "the same under the newer name": lambda folder: pickled_weights(folder, model_kwargs={"weights_only": False}),
    "arguments of the settings": setting(BERT, config_kwargs={"sbert_ce_default_activation_function": "evil.Evil"}),
    "arguments that are no table": setting(BERT, model_args=["weights_only"]),
    "tokenizer elsewhere": setting(BERT, tokenizer_name_or_path="/srv/elsewhere"),
    "method of the model": setting(BERT, modality_config={"text": {"method": "save_pretrained"}}),
    "adapter in the model's settings": setting("config.json", base_model_name_or_path="/srv/elsewhere"),
    "task of another kind of model": setting(BERT, transformer_task="retrieval"),
    "task of models for images": setting(BERT, transformer_task="any-to-any"),
    "task that is none": setting(BERT, transformer_task=["evil.Evil"]),
    "kernel of the hub": setting("config.json", attn_implementation="evil/kernel"),
    "kernel of the hub, in the arguments": setting(BERT, model_args={"attn_implementation": "evil/kernel"}),
    "kernels": setting("config.json", use_kernels=True),
    "weights of a further package": setting("config.json", quantization_config={"quant_method": "quark"}),
    "backbone": setting("config.json", text_config={"backbone": "hf-hub:evil/evil", "use_timm_backbone": True}),
    "model for images": setting("config.json", model_type="timm_wrapper"),
    "adapter": setting("adapter_config.json", base_model_name_or_path="/srv/elsewhere", peft_type="LORA"),
    "tokenizer class": setting("tokenizer_config.json", tokenizer_class="evil.Evil"),
    "tokenizer class that is none": setting("tokenizer_config.json", tokenizer_class="RagRetriever"),
    "tokenizer class in the model's settings": setting("config.json", tokenizer_class="Trainer"),
    "processor class": setting("processor_config.json", processor_class="evil.Evil"),
    "processor of images": setting("preprocessor_config.json", image_processor_type="evil.Evil"),
    "tokenizer's own program": setting("tokenizer_config.json", mecab_kwargs={"mecab_option": "-r /srv/rc"}),
    "settings nested too deep": lambda folder: (folder / OWN).write_text('{"a":' * 100_000 + "1" + "}" * 100_000),
    "settings that are no JSON": lambda folder: (folder / OWN).write_text("{"),
}
# The libraries refuse these by themselves: no code from a folder is trusted.
REFUSED = {
    "model type": setting("config.json", model_type="evil", auto_map=AUTO_MAP),
    "auto_map": setting("config.json", auto_map=AUTO_MAP),
    "auto_map of the processor": setting("processor_config.json", auto_map={"AutoProcessor": "evil.Evil"}),
}
# These stay unused, for a class of the library is there.
UNUSED = {
    "auto_map of the tokenizer": setting("tokenizer_config.json", auto_map={"AutoTokenizer": [EVIL, EVIL]}),
    "trust in itself": setting(BERT, config_args={"trust_remote_code": True}, model_args={"trust_remote_code": True}),
    "name of another model": setting("config.json", _name_or_path="/srv/elsewhere"),
    "chat template": setting(
        "tokenizer_config.json", chat_template="{{ ''.__class__.__mro__[1].__subclasses__() }}{% include 'evil.py' %}"
    ),
    "way of generating": setting("generation_config.json", custom_generate="evil"),
    "labels that are called like settings": setting("config.json", label2id={"backbone": 0}, id2label={0: "x"}),
}
ENDINGS = ("torch.distributed.run.main", "torch.hub.list", "torch.nn.Linear", "evil.Evil", "torch.nn.modules.x", 5)
PLACES_OF_ENDINGS = {
    "own settings": lambda ending: setting(OWN, activation_fn=ending),
    "settings of the model": lambda ending: setting("config.json", sentence_transformers={"activation_fn": ending}),
    "older settings": lambda ending: setting("config.json", sbert_ce_default_activation_function=ending),
}


@pytest.fixture(scope="module")
def made_student(tmp_path_factory):
    return tiny_student(tmp_path_factory.mktemp("students") / "ranker")


@pytest.fixture(scope="module")
def made_encoder(tmp_path_factory, made_student):
    """The student's transformer with pooling, as an encoder."""
    folder = shutil.copytree(made_student, tmp_path_factory.mktemp("encoders") / "words")
    for name in (OWN, BERT):
        (folder / name).unlink()
    change(folder / "config.json", architectures=["BertModel"])
    change(folder / BERT, max_seq_length=32)
    add_module(folder, "sentence_transformers.models.Pooling", "1_Pooling")
    change(folder / "1_Pooling" / "config.json", word_embedding_dimension=16, pooling_mode_mean_tokens=True)
    return folder


@pytest.fixture
def placed(tmp_path, monkeypatch):
    """Copy a model to a folder that is the working one and from which modules would be imported."""

    def place(folder: Path) -> Path:
        copied = shutil.copytree(folder, tmp_path / "copied")
        program = f"open({str(copied / 'ran')!r}, 'w').close()\nclass Evil:\n    load = from_pretrained = print\n"
        for name in ("evil.py", "score", "evil/__init__.py", "custom_generate/generate.py"):
            (copied / name).parent.mkdir(exist_ok=True)
            (copied / name).write_text(program)
        monkeypatch.chdir(copied)
        monkeypatch.syspath_prepend(str(copied))
        monkeypatch.setattr("sys.argv", ["distillation-drift", "score"])
        return copied

    return place


@pytest.mark.parametrize("way", [*WAYS, *REFUSED])
def test_a_student_that_would_run_code_is_refused_and_nothing_runs(placed, made_student, way):
    folder = placed(made_student)
    {**WAYS, **REFUSED}[way](folder)

    with pytest.raises(StudentError, match="copied"):
        load_student(folder, device="cpu")

    assert not (folder / "ran").exists()


def test_a_value_of_a_million_letters_is_shown_in_part(placed, made_student):
    folder = placed(made_student)
    setting(BERT, modality_config={"text": {"method": "x" * 1_000_000}})(folder)

    with pytest.raises(StudentError, match=r"calls the model's 'x+\.\.\.; expected") as refused:
        load_student(folder, device="cpu")

    assert len(str(refused.value)) < 1_000


@pytest.mark.parametrize("way", [*WAYS, *REFUSED])
def test_an_encoder_that_would_run_code_is_refused_and_nothing_runs(placed, made_encoder, way):
    folder = placed(made_encoder)
    {**WAYS, **REFUSED}[way](folder)

    with pytest.raises(EncoderError, match="copied"):
        load_encoder(str(folder))

    assert not (folder / "ran").exists()


@pytest.mark.parametrize("way", UNUSED)
def test_what_is_not_followed_runs_nothing(placed, made_student, made_encoder, tmp_path, way):
    folder = placed(made_student)
    encoder = shutil.copytree(made_encoder, tmp_path / "encoder")
    UNUSED[way](folder)
    UNUSED[way](encoder)

    student = load_student(folder, device="cpu")

    assert student.model.predict([("parcel", "refund")]).shape == (1,)
    assert load_encoder(str(encoder)).encode(["parcel"]).shape == (1, 16)
    assert not (folder / "ran").exists()


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("place", PLACES_OF_ENDINGS)
def test_an_ending_that_is_no_activation_is_refused_wherever_it_stands(placed, made_student, place, ending):
    folder = placed(made_student)
    change(folder / OWN, activation_fn=None)
    PLACES_OF_ENDINGS[place](ending)(folder)

    with pytest.raises(StudentError, match=f"ends in {ending}, code of its own, which is never run"):
        load_student(folder, device="cpu")

    assert not (folder / "ran").exists()


def test_a_model_of_the_hubs_cache_is_looked_at_too(made_encoder, tmp_path, monkeypatch):
    fetched = tmp_path / "models--evil--words" / "snapshots" / "abc"
    shutil.copytree(made_encoder, fetched)
    pickled_weights(fetched, model_args={"weights_only": False})
    monkeypatch.setenv("SENTENCE_TRANSFORMERS_HOME", str(tmp_path))

    with pytest.raises(EncoderError, match=r"evil/words is not loaded\. Its .* sets 'weights_only'"):
        load_encoder("evil/words")

    assert not (fetched / "ran").exists()


def test_honest_folders_have_no_fault(made_student, made_encoder):
    assert (fault_of_folder(made_student), fault_of_folder(made_encoder)) == (None, None)


def test_activations_of_torch_are_known_by_each_of_their_names():
    import torch

    kinds = ("Sigmoid", "Tanh", "ReLU", "GELU", "LeakyReLU", "Softplus")
    names = [f"{place}.{kind}" for kind in kinds for place in ("torch.nn", "torch.nn.modules.activation")]

    assert all(map(is_activation, [*names, "torch.nn.Identity", "torch.nn.modules.linear.Identity"]))
    assert not any(
        is_activation(name)
        for name in ("Sigmoid", "torch.Sigmoid", "torch.nn.modules.activation.torch", "torch.nn.functional", "", None)
    )
    assert issubclass(torch.nn.Identity, torch.nn.Module)


@pytest.mark.parametrize("name", MODULE_TYPES)
def test_each_known_module_is_one_of_the_library(name):
    if name.startswith("sentence_transformers.models.") and name.count(".") > 2:
        pytest.skip("written by an older version alone")

    from sentence_transformers.util import import_from_string

    assert import_from_string(name).__name__.rpartition(".")[2] == MODULE_TYPES[name]
