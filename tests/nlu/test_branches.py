"""One branch a language: after a change, Rasa's cache lets only what it concerns be trained."""

from __future__ import annotations

import pathlib
import shutil

import pytest

from tests.nlu.small_project import LANGUAGES, SmallProject, Training, trained_project

IDENTIFIER = "train_LanguagePipelines0"
POLICY = "train_DialoguePolicy0"
BRANCHES = {f"train_nlu_{code}" for code in LANGUAGES}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> SmallProject:
    """The project as it was trained first."""
    return trained_project(tmp_path_factory)


@pytest.fixture
def project(first: SmallProject, tmp_path: pathlib.Path) -> SmallProject:
    """A copy, with the cache of the first training, that a test may change."""
    folder = tmp_path / "project"
    shutil.copytree(first.folder, folder)
    return SmallProject(folder)


def check_all_told(training: Training) -> None:
    """Every branch, the identifier and the policy were either trained or restored, none both."""
    assert BRANCHES | {IDENTIFIER, POLICY} == set(training.trained) | set(training.restored)
    assert set() == set(training.trained) & set(training.restored)


def test_train_makes_one_branch_a_language(first: SmallProject) -> None:
    """The first training trains a branch for every pack, the identifier and the policy; there is nothing to restore."""
    assert first.first is not None
    assert sorted([*BRANCHES, IDENTIFIER, POLICY]) == first.first.trained
    assert [] == first.first.restored


def test_train_again_trains_nothing(project: SmallProject) -> None:
    """Without a change everything comes from the cache."""
    assert [] == project.train().trained


def test_train_after_a_thai_example_trains_thai_only(project: SmallProject) -> None:
    """One other Thai example: the Thai branch and the identifier are trained, the rest is restored."""
    project.replace("data/th/nlu/order_status.yml", "พัสดุอยู่ไหน", "พัสดุของผมอยู่ที่ไหนแล้ว")
    training = project.train()
    assert sorted(["train_nlu_th", IDENTIFIER]) == training.trained
    check_all_told(training)


def test_train_after_a_text_trains_nothing(project: SmallProject) -> None:
    """Another text of an answer: nothing is trained, and the new model says it."""
    project.replace("data/th/responses.yml", "text:", "text: \"ข้อความใหม่\"\n    metadata:\n      old:")
    training = project.train()
    assert [] == training.trained


def test_train_after_slang_trains_that_language(project: SmallProject) -> None:
    """A language's word lists count as its settings: that branch is trained, no other."""
    project.replace("data/id/slang.yml", "slang:", "slang:\n  \"zzyx\": \"pesanan\"")
    training = project.train()
    assert "train_nlu_id" in training.trained
    assert set() == set(training.trained) & {"train_nlu_en", "train_nlu_th"}


def test_train_after_a_setting_trains_that_language(project: SmallProject) -> None:
    """A setting in a pack's config.yml concerns that branch and the component that loads it."""
    project.replace("data/en/config.yml", "threshold: 0.28", "threshold: 0.3")
    training = project.train()
    assert "train_nlu_en" in training.trained
    assert set() == set(training.trained) & {"train_nlu_id", "train_nlu_th", POLICY}
