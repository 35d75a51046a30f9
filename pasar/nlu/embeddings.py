"""Embeddings of a language's examples, on their way through the training graph."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rasa.engine.storage.storage import ModelStorage

from pasar.languages.ngrams import Floats


class Embeddings:
    """Embeddings of texts, each once; Rasa's cache keeps them, so that only another encoder or text makes them anew."""

    def __init__(self, texts: Sequence[str], vectors: npt.NDArray[np.float16]) -> None:
        """``vectors`` is (texts, dimensions); in half precision also where they are fresh, so that both train the same."""
        self.texts = list(texts)
        self.vectors = vectors
        self._rows = {text: row for row, text in enumerate(self.texts)}

    def of(self, texts: Sequence[str]) -> Floats:
        """The embeddings of some of the texts, (texts, dimensions)."""
        return self.vectors[[self._rows[text] for text in texts]].astype(np.float32)

    def fingerprint(self) -> str:
        """As Rasa's cache asks for it."""
        return hashlib.sha256(json.dumps(self.texts).encode() + self.vectors.tobytes()).hexdigest()

    def to_cache(self, directory: Path, model_storage: ModelStorage) -> None:
        """As Rasa's cache asks for it."""
        (directory / "texts.json").write_text(json.dumps(self.texts), encoding="utf-8")
        np.save(directory / "vectors.npy", self.vectors)

    @classmethod
    def from_cache(
        cls, node_name: str, directory: Path, model_storage: ModelStorage, output_fingerprint: str
    ) -> Embeddings:
        """As Rasa's cache asks for it."""
        texts = json.loads((directory / "texts.json").read_text(encoding="utf-8"))
        return cls(texts, np.load(directory / "vectors.npy"))
