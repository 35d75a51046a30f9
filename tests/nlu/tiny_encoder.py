"""A sentence encoder of a few words, made on the spot: what a shop downloads, in kilobytes."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping, Sequence

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

MEANINGS = {  # which direction a word's vector points to
    0: ["parcel", "box", "track", "arrived", "zqq", "consignment"],
    1: ["refund", "return", "rules", "money", "qjj", "reimbursement"],
    2: ["hello", "hi", "morning", "jzz", "howdy"],
}
DIMENSIONS = 8
_ALIKE = 5.0  # what all vectors have in common, as in encoders that are trained on pairs


def write_encoder(
    folder: pathlib.Path,
    meanings: Mapping[int, Sequence[str]] = MEANINGS,
    inputs: Sequence[str] = ("input_ids", "attention_mask"),
    *,
    pooled: bool = False,
    seed: int = 0,
) -> pathlib.Path:
    """Write ``model.onnx`` and ``tokenizer.json``; words of one meaning lie close together, other words anywhere.

    ``pooled``: the model gives one row a text, not one a token.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    sentences = [" ".join(words) for words in meanings.values()] + ["query where is my the for please"]
    tokenizer.train_from_iterator(sentences, trainers.WordLevelTrainer(special_tokens=["[PAD]", "[UNK]"]))
    tokenizer.save(str(folder / "tokenizer.json"))

    table = np.random.default_rng(seed).normal(scale=0.05, size=(tokenizer.get_vocab_size(), DIMENSIONS))
    table[:, -1] += _ALIKE
    for direction, words in meanings.items():
        for word in words:
            table[tokenizer.token_to_id(word), direction] += 1.0
    onnx.save(_make_model(table.astype(np.float32), inputs, pooled=pooled), str(folder / "model.onnx"))
    return folder


def _make_model(table: np.ndarray, inputs: Sequence[str], *, pooled: bool) -> onnx.ModelProto:
    """Look each token up, blank what is masked; pooled: the mean over what is not."""
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["looked_up"]),
        helper.make_node("Cast", ["attention_mask"], ["ones"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["ones", "last"], ["mask"]),
        helper.make_node("Mul", ["looked_up", "mask"], ["masked" if pooled else "last_hidden_state"]),
    ]
    constants = [numpy_helper.from_array(table, "table"), numpy_helper.from_array(np.array([-1]), "last")]
    output = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["texts", "tokens", table.shape[1]])
    if pooled:
        nodes += [
            helper.make_node("ReduceSum", ["masked", "middle"], ["sum"], keepdims=0),
            helper.make_node("ReduceSum", ["mask", "middle"], ["count"], keepdims=0),
            helper.make_node("Div", ["sum", "count"], ["sentence_embedding"]),
        ]
        constants.append(numpy_helper.from_array(np.array([1]), "middle"))
        output = helper.make_tensor_value_info("sentence_embedding", TensorProto.FLOAT, ["texts", table.shape[1]])
    given = [helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"]) for name in inputs]
    graph = helper.make_graph(nodes, "tiny", given, [output], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
