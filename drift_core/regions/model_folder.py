"""What a sentence-transformers folder may hold: data alone. Read before anything of it is loaded.

The model libraries import classes by names that stand in a folder's settings, and take arguments of theirs from there.
Remote code (`auto_map`, unknown model types, `.py` files) they refuse themselves; the other ways are closed here.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from drift_core.tables.paths import kind_of, reason_of
from drift_core.tables.small_files import parse_json, read_small, shown

# What a folder that cannot be used leads to in the model libraries can be any error.
LOADING_ERRORS = (Exception,)

_MODULES = {
    "Transformer": "base.modules.transformer",
    "Dense": "base.modules.dense",
    "Normalize": "base.modules.normalize",
    "Pooling": "sentence_transformer.modules.pooling",
    "Dropout": "sentence_transformer.modules.dropout",
    "LayerNorm": "sentence_transformer.modules.layer_norm",
    "WeightedLayerPooling": "sentence_transformer.modules.weighted_layer_pooling",
    "LogitScore": "cross_encoder.modules.logit_score",
}
# Each kind of module by every name that a version of the library wrote for it.
MODULE_TYPES: Mapping[str, str] = {
    f"sentence_transformers.{name}": kind
    for kind, place in _MODULES.items()
    for name in (f"{place}.{kind}", f"{place.rpartition('.')[0]}.{kind}", f"models.{kind}", f"models.{kind}.{kind}")
    if kind != "LogitScore" or "models" not in name
}
SETTINGS_OF_TRANSFORMER = tuple(
    f"sentence_{kind}_config.json"
    for kind in ("bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet")
)
SETTINGS = (
    "config.json",
    "config_sentence_transformers.json",
    "tokenizer_config.json",
    "processor_config.json",
    "preprocessor_config.json",
    "video_preprocessor_config.json",
    "generation_config.json",
    *SETTINGS_OF_TRANSFORMER,
)
ARGUMENTS = ("model_args", "model_kwargs", "tokenizer_args", "processor_kwargs", "config_args", "config_kwargs")
# Arguments that a folder may hand to the library; `trust_remote_code` is dropped there.
HARMLESS_ARGUMENTS = (
    "attn_implementation",
    "do_lower_case",
    "dtype",
    "max_length",
    "model_max_length",
    "num_labels",
    "padding_side",
    "torch_dtype",
    "truncation_side",
    "trust_remote_code",
    "use_cache",
    "use_fast",
)
METHODS = ("forward", "get_text_features")
ATTENTION_SETTINGS = ("attn_implementation", "experts_implementation", "_implementation_internal")
ATTENTION = ("eager", "sdpa")  # every other is code of a further package, or of a place on the model hub
# Settings that load what is outside of the folder: other files, packages, models or programs.
LEADING_OUT = (
    "audio_tokenizer",
    "backbone",
    "base_model_name_or_path",
    "compression_config",
    "configuration_files",
    "jumanpp_kwargs",
    "kernel_config",
    "mecab_option",
    "pretrained_cfg",
    "quantization_config",
    "sudachi_kwargs",
    "tokenizer_name_or_path",
    "use_kernels",
    "use_timm_backbone",
)
# Tasks for which the library loads a model of texts: encoders, rankers, and rankers that answer yes or no.
TASKS = ("feature-extraction", "sequence-classification", "text-generation")
CLASS_NAMES = {
    "tokenizer_class": re.compile(r"\w*(Tokenizer|TokenizerFast|Backend)"),
    "processor_class": re.compile(r"\w*Processor"),
    "feature_extractor_type": re.compile(r"\w*FeatureExtractor"),
    "image_processor_type": re.compile(r"\w*ImageProcessor\w*"),
    "video_processor_type": re.compile(r"\w*VideoProcessor\w*"),
}


def fault_of_folder(folder: Path) -> str | None:
    """Say what of a folder would run code or lead out of it; None where it is data alone.

    Returns
    -------
    str or None
        The first fault as a sentence, which names the file.
    """
    try:
        return next(_faults(folder), None)
    except (OSError, ValueError, RecursionError) as error:
        return f"A file of its settings cannot be read as JSON: {reason_of(error)}."


def is_activation(name: object) -> bool:
    """Whether a dotted name is one of torch's activation modules; nothing is imported for it but torch."""
    from torch import nn

    if not isinstance(name, str):
        return False
    place, _, kind = name.rpartition(".")
    if place == "torch.nn.modules.linear":
        return kind == "Identity"
    known = getattr(nn.modules.activation, kind, None) if place in ("torch.nn.modules.activation", "torch.nn") else None
    known = nn.Identity if (place, kind) == ("torch.nn", "Identity") else known
    return (
        isinstance(known, type)
        and issubclass(known, nn.Module)
        and known.__module__ in ("torch.nn.modules.activation", "torch.nn.modules.linear")
    )


def _faults(folder: Path) -> Iterator[str]:
    for file in sorted(folder.rglob("*")):
        if kind_of(file) in ("pipe", "device"):
            yield f"Its {file.relative_to(folder)} is a pipe or a device; expected a file."
    places = [PurePosixPath()]
    modules = _content(folder / "modules.json")
    for module in _listed(modules):
        stated, place = module.get("type"), PurePosixPath(str(module.get("path")))
        kind = MODULE_TYPES.get(str(stated))
        if kind is None:
            expected = f"expected {', '.join(_MODULES)} of the library itself"
            yield f"Its modules.json names the module {shown(stated)}; {expected}."
        elif place.is_absolute() or ".." in place.parts or "\\" in str(place):
            yield f"Its modules.json leads out of the folder, to {shown(str(place))}."
        places.append(place)
        if kind == "Dense":
            yield from _activation(_content(folder / place / "config.json"), "activation_function", "config.json")
    for place in dict.fromkeys(places):
        yield from _faults_of_place(folder / place)


def _listed(modules: object) -> list[dict[str, object]]:
    if modules is None:  # a folder of transformers alone
        return []
    if not isinstance(modules, list) or not all(isinstance(each, dict) for each in modules):
        raise ValueError("modules.json is no list of modules")
    return modules


def _faults_of_place(place: Path) -> Iterator[str]:
    if (place / "adapter_config.json").exists():
        yield (
            "It is an adapter of another model (adapter_config.json), whose weights are elsewhere. Merge it into that "
            "model and save the whole."
        )
    for name in SETTINGS:
        content = _content(place / name)
        yield from _walked(content, name)
        if name in SETTINGS_OF_TRANSFORMER:
            yield from _arguments(content, name)
    config = _content(place / "config.json")
    if isinstance(config, dict):
        yield from _activation(config.get("sentence_transformers"), "activation_fn", "config.json")
        yield from _activation(config, "sbert_ce_default_activation_function", "config.json")
    own = "config_sentence_transformers.json"
    yield from _activation(_content(place / own), "activation_fn", own)


def _activation(settings: object, key: str, file: str) -> Iterator[str]:
    stated = settings.get(key) if isinstance(settings, dict) else None
    if stated is not None and not is_activation(stated):
        yield (
            f"By its {file} it ends in {stated}, code of its own, which is never run. Save it with an activation of "
            "torch, such as torch.nn.Identity."
        )


def _arguments(settings: object, file: str) -> Iterator[str]:
    """Arguments that the folder would hand to the library: one of them turns pickled weights into a program."""
    if not isinstance(settings, dict):
        return
    for name in ARGUMENTS:
        given = settings.get(name) or {}
        for argument in given if isinstance(given, dict) else [given]:
            if argument not in HARMLESS_ARGUMENTS:
                yield f"Its {file} sets {shown(argument)} in {name}, which only code may set. Remove it there."
    methods = settings.get("modality_config") or {}
    for each in methods.values() if isinstance(methods, dict) else [methods]:
        if (method := each.get("method") if isinstance(each, dict) else each) not in METHODS:
            yield f"Its {file} calls the model's {shown(method)}; expected {' or '.join(METHODS)}."


def _walked(settings: object, file: str) -> Iterator[str]:
    """Look at every name and value at any depth, but not at labels, which may be any word."""
    waiting = [settings]
    while waiting:
        each = waiting.pop()
        if isinstance(each, list):
            waiting.extend(each)
        if not isinstance(each, dict):
            continue
        for name, value in each.items():
            yield from _setting(name, value, file)
            if name not in ("id2label", "label2id"):
                waiting.append(value)


def _setting(name: str, value: object, file: str) -> Iterator[str]:
    pattern = CLASS_NAMES.get(name)
    if name in LEADING_OUT and value:
        yield f"Its {file} sets {name}, which loads what is not in the folder. Save the model without it."
    elif name == "transformer_task" and value not in TASKS:
        yield f"Its {file} sets transformer_task to {shown(value)}; expected {', '.join(TASKS)}."
    elif name == "model_type" and str(value).startswith("timm"):
        yield f"Its {file} is of a model for images ({shown(value)}); expected one for texts."
    elif pattern is not None and value is not None and not (isinstance(value, str) and pattern.fullmatch(value)):
        expected = f"expected a class of transformers that matches {pattern.pattern}"
        yield f"Its {file} names the {name} {shown(value)}; {expected}."
    elif name.endswith(ATTENTION_SETTINGS) and value is not None and value not in ATTENTION:
        yield f"Its {file} sets {name} to {shown(value)}, code of another package; expected {' or '.join(ATTENTION)}."


def _content(path: Path) -> object:
    return parse_json(read_small(path, called="The file")) if kind_of(path) != "nothing" else None
