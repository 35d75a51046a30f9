"""When a model must be trained."""

from __future__ import annotations

import os

import pytest

from launch.freshness import explain_training


@pytest.fixture
def project(tmp_path):
    """A project whose model is newer than all its files."""
    for name in ("config.yml", "domain.yml", "data/en/nlu/greet.yml", "pasar/nlu/pipelines.py", "pasar/languages/a.py"):
        touch(tmp_path / name, 100)
    touch(tmp_path / "README.md", 300)
    touch(tmp_path / "models/old.tar.gz", 50)
    touch(tmp_path / "models/new.tar.gz", 200)
    for folder in (tmp_path / "data").rglob("*"):
        if folder.is_dir():
            os.utime(folder, (100, 100))
    return tmp_path


def touch(path, moment):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
    os.utime(path, (moment, moment))


def test_nothing_changed(project):
    assert explain_training(project) == ""


def test_no_model(project):
    for model in (project / "models").iterdir():
        model.unlink()
    assert explain_training(project) == "there is no model yet"


@pytest.mark.parametrize(
    "name",
    [
        "config.yml",
        "domain.yml",
        "data/en/nlu/greet.yml",
        "data/th/pack.yml",
        "encoders/tiny/model.onnx",
        "pasar/nlu/new.py",
        "pasar/languages/a.py",
    ],
)
def test_changed_file_is_named(project, name):
    touch(project / name, 300)
    assert "has changed" in explain_training(project)


def test_removed_example_file(project):
    (project / "data/en/nlu/greet.yml").unlink()
    assert explain_training(project) == "data/en/nlu has changed"


def test_bytecode_is_no_change(project):
    touch(project / "pasar/nlu/__pycache__/pipelines.cpython-310.pyc", 300)
    assert explain_training(project) == ""
