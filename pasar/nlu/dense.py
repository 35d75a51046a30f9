"""What a text means, as numbers: a sentence encoder that a shop has downloaded, beside the n-grams.

The encoder is a folder with ``model.onnx`` (and ``model.onnx_data``, where the weights lie apart) and ``tokenizer.json``,
as Hugging Face's exporters write them. A pack's ``config.yml`` names it at the classifier:

.. code-block:: yaml

    encoder:
      folder: encoders/multilingual-e5-small
      prefix: "query: "   # what this encoder wants to read before a text; nothing where it wants nothing
      longest: 128        # tokens of a text that count

onnxruntime and tokenizers are imported only where an encoder is named, and a session is opened in the process that uses
it: it does not survive a fork. An embedding is the mean over a text's tokens, scaled to length one.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import importlib.util
import itertools
import json
import os
import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import structlog
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.training_data import TrainingData

from pasar.languages.ngrams import Floats
from pasar.languages.pack import DATA
from pasar.nlu.embeddings import Embeddings

MODEL, WEIGHTS, TOKENIZER = "model.onnx", "model.onnx_data", "tokenizer.json"
PACKAGES = ("onnxruntime", "tokenizers")
_KEYS: dict[str, type] = {"folder": str, "prefix": str, "longest": int}
_BATCH = 64
_LOG_EVERY = 2000  # texts
_BY_TOKEN = ("last_hidden_state", "token_embeddings")  # what exporters call the output with one row a token
_TOKENS = "input_ids"
_FILLED = {_TOKENS: 0, "attention_mask": 1, "token_type_ids": 0}  # a model's inputs, and what stands in the others
_NUMBERS = {"tensor(int64)": np.int64, "tensor(int32)": np.int32}

log = structlog.get_logger()


class EncoderError(InvalidConfigException):
    """An encoder cannot be used; names the file and key of the configuration, and what to do."""


@dataclasses.dataclass(frozen=True)
class EncoderSettings:
    """What a pack's ``config.yml`` says of its encoder."""

    place: str  #: file and key, for whoever has to mend it
    folder: Path
    prefix: str = ""
    longest: int = 128

    @classmethod
    def read(cls, language: str, entry: Any) -> EncoderSettings:
        """From the entry of a language's classifier; EncoderError where it is not formed so."""
        place = f"{DATA / language / 'config.yml'}: encoder"
        if not isinstance(entry, Mapping) or not entry.get("folder"):
            raise EncoderError(f"{place}: must have a folder, as in `folder: encoders/multilingual-e5-small`")
        for key, value in entry.items():
            if key not in _KEYS:
                raise EncoderError(f"{place}.{key}: is no key here; known: {', '.join(_KEYS)}")
            if type(value) is not _KEYS[key]:
                raise EncoderError(f"{place}.{key}: must be a {_KEYS[key].__name__}, is {value!r}")
        settings = cls(place, **{**entry, "folder": Path(entry["folder"])})
        if settings.longest < 1:
            raise EncoderError(f"{place}.longest: must be 1 at least, is {settings.longest}")
        return settings

    def blame(self, name: str, trouble: str) -> EncoderError:
        """What to raise where one of the folder's files is the trouble."""
        return EncoderError(f"{self.place}.folder: {self.folder / name} {trouble}")


class SentenceEncoder(GraphComponent):
    """A downloaded encoder: a node of the training graph that embeds examples, and a part of a classifier at run time."""

    def __init__(self, language: str, entry: Any) -> None:
        """``entry``: as a pack's ``config.yml`` has it. EncoderError where folder, files or packages are missing."""
        self._language = language
        self._settings = EncoderSettings.read(language, entry)
        self.hashes = _hash_files(self._settings)
        _check_packages(self._settings)
        self._opened: _Opened | None = None

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """As the classifier has them."""
        return {"language": None, "encoder": None}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceEncoder:
        """Creates the node of the training graph."""
        return cls(config["language"], config["encoder"])

    @classmethod
    def fingerprint_addon(cls, config: Mapping[str, Any]) -> str:
        """The files' content, and this code; "" where there is no encoder."""
        if not config.get("encoder"):
            return ""
        code = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
        return json.dumps([cls(config["language"], config["encoder"]).hashes, code], sort_keys=True)

    @classmethod
    def trains_apart(cls, config: Mapping[str, Any]) -> bool:
        """In a process of its own, beside those of other languages."""
        return True

    def embed(self, training_data: TrainingData) -> Embeddings:
        """The embeddings of all examples' texts."""
        texts = list(dict.fromkeys(m.get(TEXT) for m in training_data.training_examples if m.get(TEXT)))
        return Embeddings(texts, self.encode(texts, progress=True).astype(np.float16))

    def encode(self, texts: Sequence[str], *, progress: bool = False) -> Floats:
        """The embeddings of texts, (texts, dimensions), each of length one; of a text without tokens, nought.

        Texts of as many tokens go together. So nothing is padded, and what stands beside a text does not matter to it.
        """
        opened = self.open()
        began, done = time.monotonic(), 0
        tokens = [opened.cut(self._settings.prefix + text) for text in texts]
        vectors = np.zeros((len(texts), opened.dimensions), dtype=np.float32)
        for batch in _batches([len(own) for own in tokens]):
            vectors[batch] = opened.run([tokens[row] for row in batch])
            done += len(batch)
            if progress and done // _LOG_EVERY > (done - len(batch)) // _LOG_EVERY:
                log.info("encoder.progress", language=self._language, done=done, of=len(texts))
        if progress:
            seconds = round(time.monotonic() - began, 1)
            log.info("encoder.done", language=self._language, texts=len(texts), seconds=seconds)
        return vectors

    def open(self) -> _Opened:
        """The encoder in this process, opened at the first call. EncoderError where it cannot be read."""
        if self._opened is None or self._opened.process != os.getpid():
            key = (os.getpid(), self._settings.folder, self._settings.longest, *self.hashes.values())
            opened = _all_opened.get(key) or _Opened(self._settings)
            self._opened = _all_opened[key] = opened
        return self._opened

    def check(self, hashes: Mapping[str, str]) -> None:
        """EncoderError where the files are not those of ``hashes``, which a model was trained with."""
        changed = [name for name in (MODEL, WEIGHTS, TOKENIZER) if hashes.get(name) != self.hashes.get(name)]
        if changed:
            trouble = (
                "is not the file that this model was trained with: put that one back, or train again (`rasa train`)"
            )
            raise self._settings.blame(changed[0], trouble)


class _Opened:
    """Tokenizer and session of an encoder, in the process that opened them."""

    def __init__(self, settings: EncoderSettings) -> None:
        try:
            from onnxruntime import InferenceSession, SessionOptions  # noqa: PLC0415 - where an encoder is named only
            from tokenizers import Tokenizer  # noqa: PLC0415
        except ImportError as error:
            raise _lacks(settings, error.name or str(error)) from None
        self.process = os.getpid()
        self._settings = settings
        options = SessionOptions()
        # more threads would keep the cores from other buyers' messages, and from other languages' training
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        name = MODEL
        try:
            self._session = InferenceSession(str(settings.folder / name), options, providers=["CPUExecutionProvider"])
            name = TOKENIZER
            self._tokenizer = Tokenizer.from_file(str(settings.folder / name))
        except Exception as error:  # both have errors of their own kinds
            raise settings.blame(name, f"cannot be read: {_first_line(error)}") from None
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(settings.longest)
        self._inputs = [(given.name, _NUMBERS.get(given.type)) for given in self._session.get_inputs()]
        strange = [name for name, number in self._inputs if name not in _FILLED or number is None]
        if strange:
            trouble = f"asks for {', '.join(strange)}; a sentence encoder takes whole numbers as {', '.join(_FILLED)}"
            raise settings.blame(MODEL, trouble)
        outputs = [given.name for given in self._session.get_outputs()]
        self._output = next((name for name in _BY_TOKEN if name in outputs), outputs[0])
        self.dimensions = self.run([[0]]).shape[1]

    def cut(self, text: str) -> list[int]:
        """A text's tokens."""
        return list(self._tokenizer.encode(text).ids)

    def run(self, tokens: Sequence[Sequence[int]]) -> Floats:
        """The embeddings of texts of equally many tokens."""
        ids = np.array(tokens)
        given = {
            name: ids.astype(number) if name == _TOKENS else np.full(ids.shape, _FILLED[name], dtype=number)
            for name, number in self._inputs
        }
        try:
            [found] = self._session.run([self._output], given)
        except Exception as error:
            raise self._settings.blame(MODEL, f"does not run: {_first_line(error)}") from None
        vectors = np.asarray(found, dtype=np.float32)
        if vectors.ndim == 3:
            vectors = vectors.mean(axis=1)
        if vectors.ndim != 2 or len(vectors) != len(ids):
            raise self._settings.blame(
                MODEL, f"gives {self._output} of the form {found.shape}, not a row a token or text"
            )
        lengths = np.sqrt((vectors * vectors).sum(axis=1, keepdims=True))
        return vectors / np.where(lengths > 0, lengths, 1.0)  # type: ignore[no-any-return]


#: One for all languages that name the same; gone with the last of them.
_all_opened: weakref.WeakValueDictionary[tuple[Any, ...], _Opened] = weakref.WeakValueDictionary()


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Places of texts of equal length, some at a time; those of no length left out."""
    order = sorted((place for place, length in enumerate(lengths) if length), key=lambda place: lengths[place])
    for _, places in itertools.groupby(order, key=lambda place: lengths[place]):
        alike = list(places)
        yield from (alike[start : start + _BATCH] for start in range(0, len(alike), _BATCH))


def _hash_files(settings: EncoderSettings) -> dict[str, str]:
    """The hash of each file of an encoder; EncoderError where one is missing."""
    hashes = {}
    for name in (MODEL, WEIGHTS, TOKENIZER):
        path = settings.folder / name
        if path.is_file():
            about = path.stat()
            hashes[name] = _hash(path.resolve(), (about.st_size, about.st_mtime_ns))
        elif name != WEIGHTS:
            trouble = f"is missing: download a sentence encoder's {MODEL} and {TOKENIZER} there, or take `encoder` out"
            raise settings.blame(name, trouble)
    return hashes


@functools.lru_cache(maxsize=64)
def _hash(path: Path, state: tuple[int, int]) -> str:  # noqa: ARG001 - another state is another question
    """A file's hash, found once as long as it does not change: it may be half a gigabyte, and Rasa asks often."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()


def _check_packages(settings: EncoderSettings) -> None:
    """EncoderError where a package is not installed."""
    for package in PACKAGES:
        try:
            found = importlib.util.find_spec(package) is not None
        except (ImportError, ValueError):  # what stands in its place says no
            found = False
        if not found:
            raise _lacks(settings, package)


def _lacks(settings: EncoderSettings, package: str) -> EncoderError:
    return EncoderError(
        f"{settings.place}: needs the package {package}, which is not installed: run `make setup`, or install "
        f"{' and '.join(PACKAGES)} yourself, or take `encoder` out"
    )


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
