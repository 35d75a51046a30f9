"""Which part may import which, as pyproject.toml says."""

from __future__ import annotations

import pathlib
import subprocess
import sys

PROJECT = pathlib.Path(__file__).resolve().parents[2]


def test_contracts_are_kept():
    result = subprocess.run(
        [pathlib.Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stdout


def test_actions_import_neither_rasa_nor_tensorflow():
    """An action server of its own starts in a second, and not in twenty."""
    code = (
        "import importlib, pathlib, sys\n"
        "for path in pathlib.Path('actions').glob('*.py'): importlib.import_module('actions.' + path.stem)\n"
        "print([name for name in ('rasa', 'tensorflow') if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, timeout=60, check=True
    )
    assert result.stdout.strip() == "[]"
