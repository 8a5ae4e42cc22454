import json
import warnings
from functools import cache

import numpy as np
import pandas as pd
import pytest

from drift_core.errors import InputError, SettingError
from drift_core.retrain_list.exports import export_files
from drift_core.retrain_list.files import write_manifest
from drift_core.retrain_list.manifest import ListSettings, draw_manifest
from drift_core.samples.reading import read_pairs
from drift_core.tables.writing import to_parquet
from tests.drift_core.options.stand_ins import diagnosis, sample

# mlcroissant imports with deprecation warnings of its own dependencies.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:(pydantic|mlcroissant|rdflib|httpx|huggingface_hub)"),
    pytest.mark.filterwarnings("ignore:Support for class-based `config` is deprecated"),
]


@cache
def usual():
    return draw_manifest(diagnosis(), settings=ListSettings(n=60, seed=7))


def pairs(production=None):
    if production is None:
        return usual().pairs.copy()
    return draw_manifest(diagnosis(production=production), settings=ListSettings(n=60, seed=7)).pairs


def rescored():
    """A re-scored list: some pairs have no new score."""
    table = pairs()
    scores = table["teacher_score"].to_numpy(copy=True)
    scores[:6] = np.nan
    states = np.where(np.isnan(scores), "unparsed", "scored")
    return table.assign(teacher_score_listed=table["teacher_score"], teacher_score=scores, state=states)


def written(folder, table, form):
    for name, content in export_files(table, [form]).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder / form


@pytest.fixture(params=["drawn", "rescored"])
def table(request):
    return pairs() if request.param == "drawn" else rescored()


def test_datasets_opens_the_folder_and_the_file(tmp_path, table, load_dataset):
    folder = written(tmp_path, table, "huggingface")

    whole = load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))
    file = load_dataset("parquet", data_files=str(folder / "data" / "train.parquet"), cache_dir=str(tmp_path / "cache"))

    kept = table[table["teacher_score"].notna()]
    ids = pd.read_parquet(folder / "ids.parquet")
    for each in (whole["train"], file["train"]):
        assert each.column_names == ["query", "document", "label"]
        assert each["query"][:] == kept["query"].tolist()
        assert each["label"][:] == pytest.approx(kept["teacher_score"].tolist(), abs=1e-6)
    assert ids["pair_digest"].tolist() == kept["pair_digest"].tolist()
    assert "probability" in ids


@pytest.fixture(scope="module")
def tiny_student(tmp_path_factory):
    """A cross-encoder of one narrow layer with the shipped encoder's tokenizer, untrained."""
    from sentence_transformers import CrossEncoder
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

    from drift_core.regions.shipped_encoder import shipped_model

    folder = tmp_path_factory.mktemp("student")
    tokenizer = AutoTokenizer.from_pretrained(str(shipped_model()))
    size = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    BertForSequenceClassification(BertConfig(vocab_size=len(tokenizer), num_labels=1, **size)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return CrossEncoder(str(folder), device="cpu")


# Torch's loader and the trainer warn of what the machine lacks, such as memory to pin.
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning", "ignore::DeprecationWarning")
def test_a_cross_encoder_trains_on_what_is_exported(tmp_path, table, tiny_student, load_dataset):
    from sentence_transformers.cross_encoder import CrossEncoderTrainer, CrossEncoderTrainingArguments
    from sentence_transformers.cross_encoder.losses import MSELoss

    folder = written(tmp_path, table, "huggingface")
    data = load_dataset("parquet", data_files=str(folder / "data" / "train.parquet"), cache_dir=str(tmp_path / "cache"))
    settings = {"max_steps": 1, "report_to": "none", "save_strategy": "no", "use_cpu": True, "disable_tqdm": True}
    arguments = CrossEncoderTrainingArguments(output_dir=str(tmp_path / "out"), **settings)

    trained = CrossEncoderTrainer(
        model=tiny_student, args=arguments, train_dataset=data["train"], loss=MSELoss(tiny_student)
    ).train()

    assert np.isfinite(trained.training_loss)


def test_label_studio_takes_every_task(tmp_path, table):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its models are written for an older pydantic
        from label_studio_sdk.label_interface import LabelInterface

    folder = written(tmp_path, table, "label-studio")
    tasks = json.loads((folder / "tasks.json").read_text())
    interface = LabelInterface((folder / "config.xml").read_text())

    interface.validate()
    assert len(tasks) == len(table)
    assert all(interface.validate_task(task) for task in tasks)
    assert [task["meta"]["pair_digest"] for task in tasks] == table["pair_digest"].tolist()


def test_croissant_reads_every_record(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # rdflib and its parsers
        import mlcroissant

    drawn = usual()
    paths = write_manifest(drawn, tmp_path, formats=["croissant"])

    assert [path.name for path in paths] == ["retrain_list.parquet", "croissant.json", "manifest.json"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        read = mlcroissant.Dataset(jsonld=str(tmp_path / "croissant.json"))
        issues = read.metadata.ctx.issues
        records = list(read.records("pairs"))
    assert not issues.errors
    assert [each["pairs/query"].decode() for each in records] == drawn.pairs["query"].tolist()
    assert [each["pairs/probability"] for each in records] == pytest.approx(drawn.pairs["probability"].tolist())


def test_croissant_refuses_a_file_that_was_changed(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # rdflib and its parsers
        import mlcroissant

        drawn = usual()
        parquet, *_ = write_manifest(drawn, tmp_path, formats=["croissant"])
        parquet.write_bytes(to_parquet(drawn.pairs.iloc[1:]))
        read = mlcroissant.Dataset(jsonld=str(tmp_path / "croissant.json"))

        with pytest.raises(Exception, match=r"operation Download\(list\)"):  # its own error, by no public name
            list(read.records("pairs"))


def test_the_manifest_names_every_export(tmp_path):
    drawn = usual()

    *_, manifest = write_manifest(drawn, tmp_path, formats=["csv", "huggingface", "label-studio"])

    described = json.loads(manifest.read_text())
    assert set(described["files"]) == {"retrain_list.csv"}
    for name in described["exports"]:
        assert (tmp_path / name).is_file()
    assert len(described["exports"]) == 5


def test_pairs_without_docs_cannot_train_a_cross_encoder_but_can_be_labelled(tmp_path):
    table = pairs(production=sample([f"query {i}" for i in range(700)]))

    with pytest.raises(InputError, match="60 pairs of the list have no doc"):
        export_files(table, ["huggingface"])

    tasks = json.loads(export_files(table, ["label-studio"])["label-studio/tasks.json"])
    assert set(tasks[0]["data"]) == {"query"}


def test_a_list_without_any_score_is_refused():
    with pytest.raises(InputError, match="No pair of the list has a teacher's score"):
        export_files(pairs().assign(teacher_score=np.nan), ["huggingface"])


def test_an_unknown_export_is_refused():
    with pytest.raises(SettingError, match="exported as huggingface, label-studio; found xlsx"):
        export_files(pairs(), ["xlsx"])


SCALES = {
    "0 to 1": (lambda unit: unit, (0, 1, 0.01)),
    "0 or 1": (lambda unit: np.round(unit), (0, 1, 1)),
    "0 to 3": (lambda unit: np.round(unit * 3), (0, 3, 1)),
    "1 to 5": (lambda unit: 1 + np.round(unit * 4), (1, 5, 1)),
    "0 to 10, halves": (lambda unit: np.round(unit * 20) / 2, (0, 10, 0.1)),
    "1 to 100": (lambda unit: 1 + np.round(unit * 99), (1, 100, 1)),
    "-1 to 1": (lambda unit: unit * 2 - 1, (-1, 1, 0.01)),
    "0 to 700": (lambda unit: np.round(unit * 700), (0, 700, 1)),
}


def on_scale(name):
    """A list whose teacher scores on another scale, with the lowest and highest of it among them."""
    table = pairs()
    table["teacher_score"] = SCALES[name][0](np.linspace(0, 1, len(table)))
    return table


@pytest.mark.parametrize("name", SCALES)
def test_label_studio_asks_for_a_score_on_the_teachers_scale_and_its_export_brings_it_back(tmp_path, name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its models are written for an older pydantic
        from label_studio_sdk.converter import Converter
        from label_studio_sdk.label_interface import LabelInterface
    table = on_scale(name)
    low, high, step = SCALES[name][1]
    folder = written(tmp_path, table, "label-studio")
    tasks = json.loads((folder / "tasks.json").read_text())
    interface = LabelInterface((folder / "config.xml").read_text())
    asked = {key: float(interface.get_control("score").attr[key]) for key in ("min", "max", "step")}

    assert asked == {"min": low, "max": high, "step": step}
    for number, (task, score) in enumerate(zip(tasks, table["teacher_score"], strict=True)):
        given = low + round((score - low) / step) * step  # what the field takes, nearest to the teacher's score
        result = {"from_name": "score", "to_name": "query", "type": "number", "value": {"number": given}}
        assert interface.validate_annotation({"result": [{"id": "a", **result}]})
        task |= {"id": number, "annotations": [{"id": number, "result": [result]}]}
    (tmp_path / "export.json").write_text(json.dumps(tasks))
    Converter((folder / "config.xml").read_text(), None).convert_to_csv(
        str(tmp_path / "export.json"), str(tmp_path / "back"), is_dir=False, sep=","
    )
    labelled = pd.read_csv(next((tmp_path / "back").glob("*.csv"))).sort_values("id", ignore_index=True)
    scores = {"teacher_score": table["teacher_score"], "student_score": table["student_score"]}
    sample = read_pairs(labelled.assign(**scores), columns={"label": "score"})

    assert sample.query.tolist() == table["query"].tolist()
    assert sample.label == pytest.approx(sample.teacher, abs=step / 2 + 1e-9)
    assert low <= sample.label.min() <= sample.label.max() <= high


def test_the_range_of_a_re_scoring_is_the_one_asked_for():
    config = export_files(rescored(), ["label-studio"], score_range=(0, 4))["label-studio/config.xml"].decode()

    assert 'min="0" max="4" step="0.01"' in config
    with pytest.raises(SettingError, match=r"the range \[0, 0.5\] does not hold them"):
        export_files(rescored(), ["label-studio"], score_range=(0, 0.5))
