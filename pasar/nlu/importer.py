"""Language packs as Rasa training data: one domain, every text in its own language.

Named in ``config.yml`` under ``importers``. Rasa's own importer would let the last file win
where two packs say the same response; this one does not (see ``docs/architecture.md``).
"""

from __future__ import annotations

import gc
from pathlib import Path

from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.data import get_data_files
from rasa.shared.exceptions import RasaException
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.common import cached_method

from pasar.languages import responses
from pasar.languages.pack import DATA, PackError, list_codes
from pasar.nlu import branches
from pasar.nlu.examples import holds_examples, holds_stories, read_examples

#: Hundreds of thousands of examples live as long as the training; the collector would walk them all again and again.
_COLLECT = (100_000, 20, 100)

branches.register()


class LanguagePackError(RasaException):
    """A pack cannot be used; names the file and the key."""


class LanguagePackImporter(RasaFileImporter):
    """Reads Rasa's files, marks every example with its pack's language, checks the packs' responses."""

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
    ) -> None:
        """Sort the files as Rasa does, which would parse each of them several times to know what it holds."""
        super().__init__(config_file, domain_path, None)
        self._nlu_files = get_data_files(training_data_paths, holds_examples)
        self._story_files = get_data_files(training_data_paths, holds_stories)
        self._conversation_test_files = [
            path for path in self._story_files if YAMLStoryReader.is_test_stories_file(path)
        ]

    @cached_method
    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """All examples of the packs that the pipeline names; each carries its language as example metadata."""
        gc.set_threshold(*_COLLECT)
        parts = []
        wanted = branches.named_languages(self.get_config())
        for path in self._nlu_files:
            code = _pack_of(Path(path))
            if code and wanted and code not in wanted:
                continue  # a draft
            parts.append(read_examples(path, code) if code else load_data(path, language))
        # TrainingData.merge would copy everything once a file
        return TrainingData(
            [message for part in parts for message in part.training_examples],
            {word: value for part in parts for word, value in part.entity_synonyms.items()},
            [feature for part in parts for feature in part.regex_features],
            [table for part in parts for table in part.lookup_tables],
            {intent: texts for part in parts for intent, texts in part.responses.items()},
        )

    def get_domain(self) -> Domain:
        """The domain file with the texts of the default language; those of the others stay in their packs.

        ``PackResponses`` reads them there: in the domain, every start would parse all of them twice.

        Raises:
            LanguagePackError: a live pack misses a text, or the domain file holds texts itself.
        """
        domain = super().get_domain()
        if not self._domain_path or domain.is_empty():
            return domain
        if domain.responses:
            first = next(iter(domain.responses))
            raise LanguagePackError(
                f"{self._domain_path}: responses: {first}: texts belong into data/<code>/responses.yml"
            )
        codes = list_codes()
        default = self.get_config().get("language", "en")
        try:
            responses.check_packs(codes, default, DATA)
            texts = responses.read_responses(DATA / default)
        except PackError as error:
            raise LanguagePackError(str(error)) from None
        return domain.merge(Domain.from_dict({"responses": texts}))


def _pack_of(path: Path) -> str | None:
    """The language a file belongs to: the folder below ``data/`` that holds a ``pack.yml``."""
    for folder in path.resolve().parents:
        if (folder / "pack.yml").exists():
            return folder.name
    return None
