"""A language that nobody speaks is added as docs/add-a-language.md says, and somebody chats in it."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest
import yaml

from launch.languages import lay_out
from tests.nlu.small_project import CHECKOUT, SmallProject, find_causes, train, write_project

pytestmark = pytest.mark.slow

CODE, NAME = "qaa", "Qali"  # ISO 639 keeps qaa for private use
EXAMPLES = {
    "greet": ["zumba", "zumba orri", "orri zumba", "zumbi", "zumba kel orri", "orri orri"],
    "order_status": [
        "hai plik mela",
        "plik mela hai",
        "hai mela sut",
        "mela nok vesk",
        "plik sut nok",
        "vesk mela hai",
    ],
    "return_policy": ["tarq onn girba", "girba tarq", "onn tarq girba", "girba onn", "tarq dul girba", "dul girba onn"],
}
GREETING = "Zumba orri, {persona} {shop_name} wen!"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> SmallProject:
    """The small project with the new language beside English, Indonesian and Thai."""
    made = write_project(tmp_path_factory.mktemp("new-language"))
    lay_out(CODE, NAME, made.folder / "data")
    folder = made.folder / "data" / CODE
    for path in (folder / "nlu").glob("*.yml"):
        if path.stem not in EXAMPLES:
            path.unlink()  # the small project has three intents
    for intent, examples in EXAMPLES.items():
        lines = "".join(f"    - {example}\n" for example in examples)
        path = folder / "nlu" / f"{intent}.yml"
        head, _, _ = path.read_text(encoding="utf-8").partition("nlu: []")
        path.write_text(f"{head}nlu:\n- intent: {intent}\n  examples: |\n{lines}", encoding="utf-8")
    _uncomment(folder / "responses.yml", "utter_greet", GREETING)
    config = yaml.safe_load((made.folder / "config.yml").read_text(encoding="utf-8"))
    config["pipeline"][0]["languages"].append(CODE)
    (made.folder / "config.yml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    shutil.copy(CHECKOUT / "endpoints.yml", made.folder / "endpoints.yml")
    [made.first] = train(made)
    return made


def _uncomment(path: pathlib.Path, key: str, text: str) -> None:
    """Write one text as a translator does: without the # before it."""
    lines = path.read_text(encoding="utf-8").splitlines()
    place = lines.index(f"  # {key}:")
    lines[place : place + 2] = [f"  {key}:", f"  - text: {json.dumps(text)}"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _talk(project: SmallProject, *texts: str) -> list[list[str]]:
    assert project.first is not None
    script = CHECKOUT / "tests" / "nlu" / "talk_small_project.py"
    environment = {
        **os.environ, "PYTHONPATH": str(CHECKOUT), "TF_CPP_MIN_LOG_LEVEL": "3", "RASA_TELEMETRY_ENABLED": "false",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(script), str(project.folder), project.first.model, *texts],
        env=environment, cwd=project.folder, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, find_causes(done.stderr)
    answers: list[list[str]] = json.loads(done.stdout.splitlines()[-1])
    return answers


def test_it_has_a_branch_of_its_own(project: SmallProject) -> None:
    """Its examples are trained, and nothing else had to be written."""
    assert project.first is not None
    assert f"train_nlu_{CODE}" in project.first.trained


def test_somebody_chats_in_it(project: SmallProject) -> None:
    """What is written is said in it, what is not yet in the default language; English stays English."""
    greeted, asked, english = _talk(project, "zumba orri", "girba tarq dul", "what is your return policy")
    assert [GREETING.split(",", maxsplit=1)[0]] == [text.split(",")[0] for text in greeted]
    assert "{" not in greeted[0]
    assert asked == english != []
    assert "return" in asked[0].lower()
