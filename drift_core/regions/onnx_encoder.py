"""The default encoder on ONNX Runtime: the network is built here from the weights that ship, without torch.

BERT (Devlin et al., 2019) with mean pooling (Reimers and Gurevych, 2019), in float32. It gives what
sentence-transformers gives of the same folder, to 1e-5.
"""

import ctypes
import math
import os
import re
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from onnx import ModelProto
    from onnxruntime import InferenceSession

LAYERS, HEADS, DIMENSION = 6, 12, 384
LAYER_NORM_EPSILON = 1e-12
MAX_TOKENS = 256  # of the model's own settings, sentence_bert_config.json
OPSET, IR_VERSION = 20, 9  # the first with Gelu
UNUSED = ("embeddings.position_ids", "pooler.")  # in its file of weights
ERRORS_ALONE = 3
# From 1.29 on, which is not installed with us, the library sends what it runs to its maker, keeps a device's name on
# the disk, and its thread for that lets a forked process hang; set to 1, none of it begins.
NO_TELEMETRY = "ORT_DISABLE_TELEMETRY"
MOST_THREADS = 8  # a batch has too few tokens to be shared among more
_LOADING = threading.Lock()
_OPENED: dict[Path, "OnnxModel"] = {}


class OnnxModel:
    """The default encoder's tokenizer and network; safe in several threads.

    Parameters
    ----------
    folder
        The shipped folder, checked by `check_shipped`.
    n_threads
        What one batch is shared among; the vectors do not depend on it. None for `usable_threads`.
    """

    max_tokens = MAX_TOKENS

    def __init__(self, folder: Path, n_threads: int | None = None) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS)
        weights = load_file(folder / "model.safetensors")
        self._weights = {name: weights[name] for name in weights if not name.startswith(UNUSED)}  # read where they are
        self._session = _open(self._weights, n_threads or usable_threads())

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        return [each.ids for each in self._tokenizer.encode_batch_fast(list(texts))]

    def forward(self, batch: Sequence[Sequence[int]], width: int) -> np.ndarray:
        ids = np.zeros((len(batch), width), dtype=np.int64)
        mask = np.zeros((len(batch), width), dtype=np.float32)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1.0
        [vectors] = self._session.run(None, {"ids": ids, "mask": mask})
        return np.asarray(vectors, dtype=np.float32)


def open_default(folder: Path) -> OnnxModel:
    """The model of a folder, loaded once a process."""
    with _LOADING:
        if folder not in _OPENED:
            _OPENED[folder] = OnnxModel(folder)
        return _OPENED[folder]


def _begin_anew() -> None:
    """In a forked process none of the session's threads is there; taken down, it would wait for them without end."""
    global _LOADING
    _LOADING = threading.Lock()
    for model in _OPENED.values():
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(model))
    _OPENED.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)


def usable_threads() -> int:
    """OMP_NUM_THREADS where it is set, else the processors that this process may use, its container's limit counted."""
    if stated := re.match(r"\s*([1-9]\d{0,3})\b", os.environ.get("OMP_NUM_THREADS", "")):
        return int(stated[1])
    import joblib

    return min(joblib.cpu_count(), MOST_THREADS)


def _open(weights: dict[str, np.ndarray], n_threads: int) -> "InferenceSession":
    os.environ[NO_TELEMETRY] = "1"  # read when the library is imported
    import onnxruntime as ort

    ort.disable_telemetry_events()  # where another imported it before
    options = ort.SessionOptions()
    options.log_severity_level = ERRORS_ALONE
    options.intra_op_num_threads = n_threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # waiting threads would use a processor up
    values = [ort.OrtValue.ortvalue_from_numpy(value) for value in weights.values()]
    options.add_external_initializers(list(weights), values)
    return ort.InferenceSession(_network(weights).SerializeToString(), options, providers=["CPUExecutionProvider"])


def _network(weights: dict[str, np.ndarray]) -> "ModelProto":
    """Token ids and mask, shape (texts, width), to vectors of unit length, shape (texts, DIMENSION)."""
    from onnx import NodeProto, TensorProto, helper, numpy_helper

    nodes: list[NodeProto] = []
    constants: list[TensorProto] = []

    def add(kind: str, *inputs: str, **attributes: Any) -> str:
        nodes.append(helper.make_node(kind, inputs, [f"{kind}-{len(nodes)}"], **attributes))
        return str(nodes[-1].output[0])

    def constant(value: object, kind: type[np.generic] = np.int64) -> str:
        constants.append(numpy_helper.from_array(np.array(value, dtype=kind), f"constant-{len(constants)}"))
        return str(constants[-1].name)

    def linear(x: str, name: str, scale: float = 1.0) -> str:
        return add("Gemm", x, f"{name}.weight", f"{name}.bias", transB=1, alpha=scale, beta=scale)

    def layer_norm(x: str, name: str) -> str:
        return add("LayerNormalization", x, f"{name}.weight", f"{name}.bias", epsilon=LAYER_NORM_EPSILON)

    def by_head(x: str, order: tuple[int, ...]) -> str:
        return add("Transpose", add("Reshape", x, heads), perm=order)

    shape = add("Shape", "ids")
    heads = add("Concat", shape, constant([HEADS, DIMENSION // HEADS]), axis=0)
    rows, first = constant([-1, DIMENSION]), constant([0])
    positions = add("Slice", "embeddings.position_embeddings.weight", first, add("Shape", "ids", start=1))
    kind = add("Gather", "embeddings.token_type_embeddings.weight", first)  # a text is one sentence, of the first type
    words = add("Add", add("Gather", "embeddings.word_embeddings.weight", "ids"), kind)
    x = add("Reshape", layer_norm(add("Add", words, positions), "embeddings.LayerNorm"), rows)
    left_out = add("Mul", add("Sub", "mask", constant(1, np.float32)), constant(np.finfo(np.float32).max, np.float32))
    left_out = add("Unsqueeze", left_out, constant([1, 2]))
    for i in range(LAYERS):
        layer = f"encoder.layer.{i}"
        query = linear(x, f"{layer}.attention.self.query", 1 / math.sqrt(DIMENSION / HEADS))
        key, value = (linear(x, f"{layer}.attention.self.{name}") for name in ("key", "value"))
        scores = add("MatMul", by_head(query, (0, 2, 1, 3)), by_head(key, (0, 2, 3, 1)))
        share = add("Softmax", add("Add", scores, left_out), axis=-1)
        seen = add("Transpose", add("MatMul", share, by_head(value, (0, 2, 1, 3))), perm=(0, 2, 1, 3))
        told = linear(add("Reshape", seen, rows), f"{layer}.attention.output.dense")
        x = layer_norm(add("Add", x, told), f"{layer}.attention.output.LayerNorm")
        inner = add("Gelu", linear(x, f"{layer}.intermediate.dense"))
        x = layer_norm(add("Add", x, linear(inner, f"{layer}.output.dense")), f"{layer}.output.LayerNorm")
    tokens = add("Reshape", x, add("Concat", shape, constant([DIMENSION]), axis=0))
    pooled = add("MatMul", add("Unsqueeze", "mask", constant([1])), tokens)  # the sum, whose direction is the mean's
    add("LpNormalization", add("Squeeze", pooled, constant([1])), axis=1, p=2)

    held = [
        TensorProto(
            name=name,
            data_type=helper.np_dtype_to_tensor_dtype(value.dtype),
            dims=value.shape,
            data_location=TensorProto.EXTERNAL,
            external_data=[{"key": "location", "value": "given"}],
        )
        for name, value in weights.items()
    ]
    graph = helper.make_graph(
        nodes,
        "encoder",
        [
            helper.make_tensor_value_info("ids", TensorProto.INT64, ["texts", "width"]),
            helper.make_tensor_value_info("mask", TensorProto.FLOAT, ["texts", "width"]),
        ],
        [helper.make_tensor_value_info(nodes[-1].output[0], TensorProto.FLOAT, ["texts", DIMENSION])],
        initializer=[*held, *constants],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
