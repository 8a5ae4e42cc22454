import json
import pickle
import shutil

import pytest

from drift_core.errors import StudentError
from drift_core.retraining.student import digest_of_folder, load_student
from tests.drift_core.retraining.cases import tiny_student
from tests.drift_core.retraining.small_student import ENCODER


@pytest.fixture
def copied(student, tmp_path):
    return shutil.copytree(student, tmp_path / "copied")


def test_a_student_is_loaded_with_its_name_and_digest(student):
    loaded = load_student(student, device="cpu")

    assert (loaded.path, loaded.name, loaded.is_bounded) == (student, "ranker-1", False)
    assert loaded.digest == digest_of_folder(student)
    assert loaded.model.device.type == "cpu"


def test_a_student_with_a_sigmoid_is_bounded(tmp_path):
    assert load_student(tiny_student(tmp_path / "bounded", bounded=True), device="cpu").is_bounded


def test_the_digest_is_of_weights_settings_and_words_and_of_nothing_else(copied, student):
    assert digest_of_folder(copied) == digest_of_folder(student)
    for name in ("judges.yaml", "retraining.json", "README.md", ".hidden.json"):
        (copied / name).write_text("{}")
    (copied / ".training").mkdir()
    (copied / ".training" / "config.json").write_text("{}")
    assert digest_of_folder(copied) == digest_of_folder(student)

    weights = copied / "model.safetensors"
    changed = bytearray(weights.read_bytes())
    changed[-1] ^= 1
    weights.write_bytes(changed)
    with_weights = digest_of_folder(copied)
    (copied / "config.json").write_text((copied / "config.json").read_text() + " ")

    assert len({digest_of_folder(student), with_weights, digest_of_folder(copied)}) == 3


@pytest.mark.parametrize("name", ["vocab.txt", "spiece.model"])
def test_the_digest_sees_the_words_of_a_tokenizer(copied, name):
    before = digest_of_folder(copied)
    (copied / name).write_text("one\ntwo\n")

    assert digest_of_folder(copied) != before


def test_a_file_under_another_name_is_another_digest(copied):
    before = digest_of_folder(copied)
    (copied / "tokenizer_config.json").rename(copied / "renamed.json")

    assert digest_of_folder(copied) != before


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.mkdir(), lambda path: path.write_text("x")])
def test_a_place_without_a_student_says_what_is_expected(tmp_path, make):
    make(tmp_path / "place")

    with pytest.raises(StudentError, match=r"place holds no student: expected the folder of a .*with config\.json"):
        load_student(tmp_path / "place")


def test_several_outputs_are_refused(tmp_path):
    made = tiny_student(tmp_path / "three", n_outputs=3)

    with pytest.raises(StudentError, match="three gives 3 values a pair; expected one score"):
        load_student(made, device="cpu")


@pytest.mark.parametrize("damage", ["cut", "noise", "gone"])
def test_damaged_weights_are_one_message(copied, damage):
    weights = copied / "model.safetensors"
    content = weights.read_bytes()
    weights.unlink()
    if damage != "gone":
        weights.write_bytes(content[:-1000] if damage == "cut" else b"\xff" * 4096)

    with pytest.raises(StudentError, match=r"copied cannot be loaded: .+\. Check the folder\.$") as caught:
        load_student(copied, device="cpu")

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"model_type": "nosuchmodel"}'])
def test_a_damaged_config_is_one_message(copied, content):
    (copied / "config.json").write_text(content)

    with pytest.raises(StudentError, match="copied cannot be loaded: "):
        load_student(copied, device="cpu")


def test_code_in_the_folder_is_never_run(copied, tmp_path):
    config = json.loads((copied / "config.json").read_text())
    names = dict.fromkeys(("AutoConfig", "AutoModelForSequenceClassification"), "evil.Evil")
    (copied / "config.json").write_text(json.dumps(config | {"model_type": "evil", "auto_map": names}))
    (copied / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()\nclass Evil: pass\n")

    with pytest.raises(StudentError, match="copied cannot be loaded: "):
        load_student(copied, device="cpu")

    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "stated",
    [{"sentence_transformers": {"activation_fn": "evil.Evil"}}, {"sbert_ce_default_activation_function": "evil.Evil"}],
)
def test_an_activation_that_would_be_replaced_is_refused(copied, stated):
    config = json.loads((copied / "config.json").read_text())
    config.pop("sentence_transformers", None)
    (copied / "config.json").write_text(json.dumps(config | stated))

    with pytest.raises(StudentError, match=r"ends in evil\.Evil, code of its own, which is never run"):
        load_student(copied, device="cpu")


def test_weights_that_are_a_program_are_never_run(copied, tmp_path):
    class Program:
        def __reduce__(self):
            return open, (str(tmp_path / "ran"), "w")

    (copied / "model.safetensors").unlink()
    (copied / "pytorch_model.bin").write_bytes(pickle.dumps({"weight": Program()}, protocol=2))

    with pytest.raises(StudentError, match="copied cannot be loaded: Weights only load failed"):
        load_student(copied, device="cpu")

    assert not (tmp_path / "ran").exists()


def test_a_device_that_is_not_there_is_one_message(student):
    with pytest.raises(StudentError, match="cannot be loaded: "):
        load_student(student, device="nosuchdevice")


def test_loading_says_nothing_on_the_terminal(student, capfd):
    load_student(student, device="cpu")

    assert capfd.readouterr() == ("", "")


def test_an_encoder_is_no_student():
    with pytest.raises(StudentError, match=r"model is no cross-encoder: .*BertModel"):
        load_student(ENCODER, device="cpu")


def test_a_cross_encoder_of_an_older_library_is_a_student(copied):
    (copied / "config_sentence_transformers.json").unlink()
    assert load_student(copied, device="cpu").name == "copied"

    config = json.loads((copied / "config.json").read_text())
    (copied / "config.json").write_text(json.dumps(config | {"architectures": None}))
    with pytest.raises(StudentError, match=r"copied is no cross-encoder: its config\.json names no architecture"):
        load_student(copied, device="cpu")
