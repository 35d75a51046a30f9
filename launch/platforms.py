"""``docs/shops.md``: what can be done on which platform, and what a shop's file needs for it, from the modules."""

from __future__ import annotations

import pathlib

from pasar.commerce.changes import Ability
from pasar.commerce.platforms.api import PlatformApi
from pasar.commerce.platforms.names import PLATFORMS, load_platform

PAGE = pathlib.Path("docs") / "shops.md"

_HEAD = """\
# Platforms side by side

This page is made from the platforms' modules: `python -m launch shops-table` writes it, a test compares. A dash is what
a person does, in the platform's own pages. What a platform lets programmes do may be less for a shop: by its country, or by
what it has allowed our app; the module's docstring says so.
"""

_WORDS = {
    Ability.FIND_ORDERS: "list a known buyer's orders",
    Ability.LIVE_STOCK: "tell stock as it is at this moment",
    Ability.SYNC_CHANGES: "read only products that have changed",
    Ability.NOTICES: "be told of changes by webhooks",
    Ability.COUPONS: "tell what a voucher is worth",
    Ability.CANCEL: "cancel an order",
    Ability.CHANGE_ADDRESS: "change an order's address",
    Ability.EDIT_ORDER: "change what is in an order",
    Ability.OPEN_RETURN: "open a return",
    Ability.SHOW_RETURNS: "tell where a return and its refund stand",
    Ability.INVOICE: "find an order's invoice",
}


def write(project: pathlib.Path) -> pathlib.Path:
    """Write the page; its path."""
    (project / PAGE).write_text(render(), encoding="utf-8")
    return PAGE


def render() -> str:
    """The page as it should be now."""
    platforms = {name: load_platform(name) for name in PLATFORMS}
    for name, api in platforms.items():
        if not isinstance(api.abilities, frozenset):
            raise TypeError(f"{name}: abilities must be the class's own; an instance may have fewer")
    parts = [_HEAD, "## What programmes can do\n", *_draw_table(platforms), "\n## Keys\n", *_list_keys(platforms)]
    return "\n".join(parts) + "\n"


def _draw_table(platforms: dict[str, type[PlatformApi]]) -> list[str]:
    rows = [["", *(f"`{name}`" for name in platforms)], ["---"] * (len(platforms) + 1)]
    for ability in Ability:
        rows.append([_WORDS[ability], *("yes" if ability in api.abilities else "–" for api in platforms.values())])
    return [f"| {' | '.join(row)} |" for row in rows]


def _list_keys(platforms: dict[str, type[PlatformApi]]) -> list[str]:
    lines = ["What stands under `keys` in a shop's file, each as `${NAME}` of an environment variable.\n"]
    rows = [["platform", "key", "what it is"], ["---"] * 3]
    rows += [[f"`{name}`", f"`{key}`", text] for name, api in platforms.items() for key, text in api.keys.items()]
    return lines + [f"| {' | '.join(row)} |" for row in rows]
