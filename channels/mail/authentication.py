"""Is the mail from the domain it names? As the server that received it has found out (RFC 8601, RFC 7489).

A From line proves nothing: anybody may write anything there. The receiving server checks SPF, DKIM and DMARC, and writes
what it found into Authentication-Results, with its own name (authserv-id) first. Others may have written such a header
too, also the sender; so only the topmost one of the configured name counts, as servers add theirs on top. A server that
spreads its results over several headers is believed in the topmost only.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence

_RESULT = re.compile(r"\s*([a-z0-9-]+)(?:\s*/\s*\d+)?\s*=\s*([a-z]+)", re.IGNORECASE)
_PROPERTY = re.compile(r"\b(header|smtp|policy)\.([a-z0-9_-]+)\s*=\s*([^\s;]+)", re.IGNORECASE)


class Proof(enum.Enum):
    """What is known of a sender."""

    PROVED = "proved"  # the domain of the From line has sent it
    REFUTED = "refuted"  # the domain says that it has not
    UNKNOWN = "unknown"  # nobody has said


def find_proof(headers: Sequence[str], authserv_id: str, domain: str) -> Proof:
    """What the server ``authserv_id`` found about a mail From ``domain``; ``headers`` are Authentication-Results, top first."""
    wanted = authserv_id.strip().lower()
    if not wanted or not domain:
        return Proof.UNKNOWN
    for header in headers:
        name, results = _split(header)
        if name == wanted:
            return _judge(results, domain.lower())
    return Proof.UNKNOWN


def find_server(header: str) -> str:
    """The name of the server that wrote an Authentication-Results, in lower case; "" where it cannot be read."""
    return _split(header)[0]


def _split(header: str) -> tuple[str, list[str]]:
    """The server's name and its results, without comments.

    A sender may choose what stands in quotes and comments (her address is in them), and would like to end them early:
    quotes count in comments too, and where one is not closed, what follows is no result.
    """
    parts, quoted, depth, escaped = [""], False, 0, False
    for character in " ".join(header.split())[:10_000]:
        if escaped or character == "\\":
            escaped = not escaped
        elif character == '"':
            quoted = not quoted
        elif not quoted and character in "()":
            depth = max(0, depth + (1 if character == "(" else -1))
        elif not quoted and not depth:
            if character == ";":
                parts.append("")
            else:
                parts[-1] += character
        elif quoted and not depth and character not in ";=":
            parts[-1] += character
    first, *results = parts if not quoted and not depth else [""]
    named = first.split()
    return (named[0].lower() if named else ""), results


def _judge(results: Sequence[str], domain: str) -> Proof:
    aligned, verdicts = False, set()
    for result in results:
        match = _RESULT.match(result)
        if match is None:
            continue
        method, value = match[1].lower(), match[2].lower()
        properties = {f"{kind}.{name}".lower(): shown.lower() for kind, name, shown in _PROPERTY.findall(result)}
        if method == "dmarc":
            # It is about the domain of the From line that it saw: another one than ours tells nothing.
            verdicts.add(value if properties.get("header.from", domain) == domain else "none")
        elif value == "pass" and method in ("dkim", "spf"):
            # More than one signature may be there: any that is the domain's own will do.
            signer = properties.get("header.d" if method == "dkim" else "smtp.mailfrom", "").rpartition("@")[2]
            aligned = aligned or (bool(signer) and (domain == signer or domain.endswith(f".{signer}")))
    if "fail" in verdicts:
        return Proof.REFUTED
    if verdicts:
        return Proof.PROVED if verdicts == {"pass"} else Proof.UNKNOWN
    return Proof.PROVED if aligned else Proof.UNKNOWN
