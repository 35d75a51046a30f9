"""Rasa's own checks of domain, rules and stories, as ``rasa data validate`` does them; that of all examples takes a minute."""

from __future__ import annotations

import pathlib

import pytest
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.validator import Validator

PROJECT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def validator() -> Validator:
    core, domain = PROJECT / "data" / "core", PROJECT / "domain.yml"
    return Validator.from_importer(RasaFileImporter(str(PROJECT / "config.yml"), str(domain), [str(core)]))


@pytest.mark.parametrize(
    "check",
    [
        "verify_forms_in_stories_rules",
        "verify_form_slots",
        "verify_actions_in_stories_rules",
        "verify_slot_mappings",
        "verify_domain_validity",
        "verify_story_structure",
    ],
)
def test_rasas_own_check_is_content(validator: Validator, check: str) -> None:
    assert getattr(validator, check)(), f"{check}: `rasa data validate` tells more"
