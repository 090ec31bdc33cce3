"""What becomes of values at the edge of what JSON can say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    import httpx

    from tests.conformance.measures.bench import Bench

SAFE = 2**53 - 1
PLACE = "@"
"""Where the value goes, in a body that is written by hand: as JSON, or it would be read and written before."""


def _told(bench: Bench, value: str) -> str | httpx.Response:
    """The value as it comes back, or the answer that refuses it."""
    own = str(uuid4())
    body = {"assistant_id": own, "graph_id": "support_agent", "context": {"system_prompt": PLACE}}
    raw = json.dumps(body | {"config": {"tags": [own]}}).replace(f'"{PLACE}"', value)
    answer = bench.try_create_raw(own, raw.encode())
    if not answer.is_success:
        return answer
    # Numbers are read as they are written.
    row: dict[str, Any] = json.loads(bench.ask("GET", f"/assistants/{own}").text, parse_float=str, parse_int=str)
    back = row["context"].get("system_prompt", "gone")
    return back if isinstance(back, str) else json.dumps(back)


def _kept(bench: Bench, value: str) -> str:
    back = _told(bench, value)
    if not isinstance(back, str):
        return str(back.status_code)
    return "kept" if back == value else f"`{back}`"


def _kept_text(bench: Bench, character: str) -> str:
    back = _told(bench, json.dumps(f"a{character}b"))
    if not isinstance(back, str):
        return str(back.status_code)
    left = back.removeprefix("a").removesuffix("b")
    return "kept" if left == character else " ".join(f"U+{ord(one):04X}" for one in left) or "dropped"


def whole_float(bench: Bench) -> str:
    """1.0."""
    return _kept(bench, "1.0")


def safe_integer(bench: Bench) -> str:
    """The largest integer that every language holds."""
    return _kept(bench, str(SAFE))


def large_integer(bench: Bench) -> str:
    """An integer beyond that."""
    return _kept(bench, str(SAFE + 2))


def huge_integer(bench: Bench) -> str:
    """An integer beyond 64 bits."""
    return _kept(bench, str(2**64 + 1))


def exponent(bench: Bench) -> str:
    """A number that no double holds."""
    return _kept(bench, "1e400")


def nul(bench: Bench) -> str:
    """The character NUL in a text."""
    return _kept_text(bench, "\0")


def surrogate(bench: Bench) -> str:
    """Half a character of UTF-16."""
    return _kept_text(bench, "\ud800")


def null_value(bench: Bench) -> str:
    """A null inside ``context``."""
    back = _told(bench, "null")
    return {"null": "kept", "gone": "dropped"}.get(back, back) if isinstance(back, str) else str(back.status_code)


def large_limit(bench: Bench) -> str:
    """A ``recursion_limit`` beyond 32 bits."""
    own = str(uuid4())
    answer = bench.try_create(assistant_id=own, config={"tags": [own], "recursion_limit": 2**31})
    if not answer.is_success:
        return str(answer.status_code)
    back = bench.get(own)["config"].get("recursion_limit")
    return "kept" if back == 2**31 else f"`{back}`"
