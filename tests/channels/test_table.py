"""docs/channels.md is what the connectors say."""

from __future__ import annotations

import pathlib
import re

from channels import table
from channels.platforms import PLATFORMS, load_class

PROJECT = pathlib.Path(__file__).resolve().parents[2]


def test_the_page_is_up_to_date():
    """``python -m launch channels-table`` writes it."""
    assert table.render(PROJECT) == (PROJECT / table.PAGE).read_text(encoding="utf-8")


def test_every_link_leads_somewhere():
    page = PROJECT / table.PAGE
    links = re.findall(r"\]\(([^)#]+?\.md)(?:#[\w-]+)?\)", page.read_text(encoding="utf-8"))
    assert {f"channels/{name}.md" for name in PLATFORMS} <= set(links)
    assert [] == [link for link in links if not (page.parent / link).is_file()]


def test_every_page_tells_how_to_try_it():
    """And names every setting that the connector needs."""
    for name in PLATFORMS:
        text = (PROJECT / "docs" / "channels" / f"{name}.md").read_text(encoding="utf-8")
        assert f"make check-channel NAME={name}/" in text, name
        assert load_class(name).listens is (f"/webhooks/{name}/stylehub" in text), name


def test_what_was_tested_is_counted():
    servers = table.read_servers(PROJECT / table.SERVERS)
    assert servers.keys() <= PLATFORMS.keys()
    assert all(len(text) > 5 for texts in servers.values() for text in texts.values() if text not in PLATFORMS)
    told = f"{len(servers)} of {len(PLATFORMS)} connectors"
    assert told in (PROJECT / table.PAGE).read_text(encoding="utf-8")


def test_who_says_too_little_is_not_counted(tmp_path):
    (tmp_path / "fax_server.py").write_text('class FaxServer:\n    platform = "fax"\n    specification = "T.30"\n')
    assert {} == table.read_servers(tmp_path)
    assert table.read_servers(PROJECT / table.SERVERS)["line"]["specification"].startswith("https://")
