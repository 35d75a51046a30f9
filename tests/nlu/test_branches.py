"""One branch a language: after a change, Rasa's cache lets only what it concerns be trained."""

from __future__ import annotations

import shutil

import pytest

from tests.nlu.small_project import LANGUAGES, SmallProject, Training, train, trained_project

IDENTIFIER = "train_pasar.nlu.pipelines.LanguagePipelines0"
POLICY = "train_pasar.nlu.policies.DialoguePolicy0"
BRANCHES = {f"train_nlu_{code}" for code in LANGUAGES}

#: What a developer changes: file, what stands there, what comes instead.
CHANGES = {
    "nothing": None,
    "example": ("data/th/nlu/order_status.yml", "พัสดุอยู่ไหน", "พัสดุของผมอยู่ที่ไหนแล้ว"),
    "text": ("data/th/responses.yml", "  - text: ", '  - text: "ข้อความใหม่"\n  - text: '),
    "slang": ("data/id/slang.yml", "slang:\n", 'slang:\n  "zzyx": "pesanan"\n'),
    "setting": ("data/en/config.yml", "spelling: 4", "spelling: 0"),
}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Training:
    """The first training of the project."""
    made = trained_project(tmp_path_factory).first
    assert made is not None
    return made


@pytest.fixture(scope="module")
def after(first: Training, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Training]:
    """The second training after each change, made in a copy with the first one's cache."""
    source = trained_project(tmp_path_factory)
    projects = {}
    for name, change in CHANGES.items():
        projects[name] = SmallProject(
            shutil.copytree(source.folder, tmp_path_factory.mktemp("changed") / name), source.code
        )
        if change:
            projects[name].replace(*change)
    return dict(zip(projects, train(*projects.values()), strict=True))


def test_train_makes_one_branch_a_language(first: Training) -> None:
    """The first training trains a branch for every pack, the identifier and the policy; there is nothing to restore."""
    assert BRANCHES | {IDENTIFIER, POLICY} == set(first.trained)
    assert [] == first.restored


def test_train_again_trains_nothing(after: dict[str, Training]) -> None:
    """Without a change everything comes from the cache."""
    assert [] == after["nothing"].trained


def test_train_after_a_thai_example_trains_thai_only(after: dict[str, Training]) -> None:
    """One other Thai example: the Thai branch and the identifier are trained, the rest is restored."""
    assert {"train_nlu_th", IDENTIFIER} == set(after["example"].trained)
    assert {"train_nlu_en", "train_nlu_id", POLICY} == set(after["example"].restored)


def test_train_after_a_text_trains_nothing(after: dict[str, Training]) -> None:
    """Another text of an answer: nothing is trained."""
    assert [] == after["text"].trained


def test_train_after_slang_trains_that_language(after: dict[str, Training]) -> None:
    """A language's word lists count as its settings: that branch is trained, nothing else."""
    assert {"train_nlu_id"} == set(after["slang"].trained)


def test_train_after_a_setting_trains_that_language(after: dict[str, Training]) -> None:
    """A setting in a pack's config.yml concerns that branch, and the component that loads it with its settings."""
    assert {"train_nlu_en", IDENTIFIER} == set(after["setting"].trained)
