"""What a sentence encoder makes of texts."""

from __future__ import annotations

import json
import pathlib
import shutil
import statistics
import time

import numpy as np
import onnx
import pytest
import structlog
from rasa.shared.nlu.training_data.training_data import TrainingData

from pasar.nlu import dense
from pasar.nlu.dense import SentenceEncoder
from pasar.nlu.embeddings import Embeddings
from pasar.processes import Task
from tests.nlu.dense.samples import encoder_of, message
from tests.nlu.tiny_encoder import DIMENSIONS, write_encoder


@pytest.mark.parametrize("pooled", [False, True])
def test_encode_is_the_mean_over_tokens_of_length_one(tmp_path: pathlib.Path, pooled: bool) -> None:
    """By hand from the model's table, whether the model gives a row a token or a row a text."""
    folder = write_encoder(tmp_path, pooled=pooled)
    table = onnx.numpy_helper.to_array(onnx.load(str(folder / "model.onnx")).graph.initializer[0])
    vocabulary = json.loads((folder / "tokenizer.json").read_text())["model"]["vocab"]
    mean = table[[vocabulary[word] for word in ("where", "my", "parcel")]].mean(axis=0)
    expected = mean / np.linalg.norm(mean)
    np.testing.assert_allclose(expected, encoder_of(folder).encode(["Where my PARCEL"])[0], rtol=1e-5)


def test_encode_does_not_depend_on_what_stands_beside(folder: pathlib.Path) -> None:
    """Texts of all lengths at once, more than a batch, are what each is alone; and the same every time."""
    texts = [" ".join(["parcel", "hello", "refund", "my"][: 1 + n % 4]) for n in range(200)] + ["", "  "]
    together = encoder_of(folder).encode(texts)
    assert (len(texts), DIMENSIONS) == together.shape
    np.testing.assert_allclose(together, np.vstack([encoder_of(folder).encode([text]) for text in texts]), atol=1e-6)
    np.testing.assert_array_equal(together, encoder_of(folder).encode(texts))
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), [1.0] * 200 + [0.0] * 2, rtol=1e-5)


def test_encode_reads_a_prefix_and_no_more_than_the_longest(folder: pathlib.Path) -> None:
    """The prefix stands before each text; what comes after the longest is not read."""
    plain, prefixed, short = encoder_of(folder), encoder_of(folder, prefix="query "), encoder_of(folder, longest=2)
    np.testing.assert_array_equal(plain.encode(["query hello"]), prefixed.encode(["hello"]))
    np.testing.assert_array_equal(plain.encode(["my parcel"]), short.encode(["my parcel hello refund"]))


def test_encode_takes_models_that_ask_for_token_types(tmp_path: pathlib.Path) -> None:
    """They are nought for a single text."""
    given = ("input_ids", "attention_mask", "token_type_ids")
    with_types = encoder_of(write_encoder(tmp_path / "with", inputs=given)).encode(["my parcel"])
    np.testing.assert_array_equal(encoder_of(write_encoder(tmp_path / "without")).encode(["my parcel"]), with_types)


def test_encode_works_in_a_copied_process(folder: pathlib.Path) -> None:
    """A session opened here is not used there."""
    encoder = encoder_of(folder)
    here = encoder.encode(["my parcel"])
    np.testing.assert_array_equal(here, Task(encoder.encode, ["my parcel"]).wait())
    opened = encoder.open().process
    assert opened != Task(lambda: encoder.open().process).wait()


def test_open_shares_one_session_between_languages(folder: pathlib.Path) -> None:
    """Eight languages that name one encoder hold it once; another one is another's."""
    first, second, other = encoder_of(folder), encoder_of(folder), encoder_of(folder, longest=9)
    assert first.open() is second.open()
    assert first.open() is not other.open()


def test_open_uses_one_thread(folder: pathlib.Path) -> None:
    """Cores are for other buyers' messages."""
    options = encoder_of(folder).open()._session.get_session_options()
    assert (1, 1) == (options.intra_op_num_threads, options.inter_op_num_threads)


def test_encode_a_message_takes_less_than_a_few_milliseconds(folder: pathlib.Path) -> None:
    """What is around the model costs next to nothing."""
    encoder = encoder_of(folder)
    encoder.encode(["warm"])
    seconds = []
    for _ in range(50):
        began = time.perf_counter()
        encoder.encode(["where is my parcel please"])
        seconds.append(time.perf_counter() - began)
    assert statistics.median(seconds) < 0.003


def test_embed_tells_how_far_it_is(folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of texts take minutes."""
    monkeypatch.setattr(dense, "_LOG_EVERY", 3)
    monkeypatch.setattr(dense, "_BATCH", 2)
    examples = [message(text) for text in ("hi", "hello", "box", "refund", "rules", "hi", "morning parcel")]
    with structlog.testing.capture_logs() as logs:
        embeddings = encoder_of(folder).embed(TrainingData(examples))
    assert 6 == len(embeddings.texts)
    told = [(entry["event"], entry.get("done"), entry.get("of")) for entry in logs]
    assert [("encoder.progress", 4, 6), ("encoder.progress", 6, 6), ("encoder.done", None, None)] == told


def test_embeddings_survive_rasas_cache(folder: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """What comes back is what went in, and has the same fingerprint; other texts have another."""
    made = encoder_of(folder).embed(TrainingData([message("hi"), message("my parcel")]))
    made.to_cache(tmp_path, None)
    restored = Embeddings.from_cache("embed_en", tmp_path, None, made.fingerprint())
    np.testing.assert_array_equal(made.of(["my parcel", "hi"]), restored.of(["my parcel", "hi"]))
    assert made.fingerprint() == restored.fingerprint()
    assert made.fingerprint() != encoder_of(folder).embed(TrainingData([message("hi")])).fingerprint()


def test_fingerprint_is_of_the_files_content(tmp_path: pathlib.Path) -> None:
    """Another model is another fingerprint, a copy is not; without an encoder there is none."""
    tiny = write_encoder(tmp_path / "tiny")
    copy = shutil.copytree(tiny, tmp_path / "copy")
    config = {"language": "en", "encoder": {"folder": str(tiny)}}
    before = SentenceEncoder.fingerprint_addon(config)
    assert before == SentenceEncoder.fingerprint_addon({**config, "encoder": {"folder": str(copy)}})
    write_encoder(tiny, seed=1)
    assert before != SentenceEncoder.fingerprint_addon(config)
    assert "" == SentenceEncoder.fingerprint_addon({"language": "en", "encoder": None})
    assert "" == SentenceEncoder.fingerprint_addon({})
