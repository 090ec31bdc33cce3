"""What a server would mangle, and must therefore never be sent.

Measured on the official server (docs/servers.md); the reserved keys are those that
langgraph_api 0.16.7 strips (validation.py), and those that every run sets or hides.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from assistant_sync.manifests.flaws import Flaw, dotted, shown
from assistant_sync.model.lock import LOCK_KEY
from assistant_sync.model.stamp import STAMP_KEY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assistant_sync.model.values import JsonObject, JsonValue, Path

_DEEPEST = 100
_LARGEST = 2**53 - 1
_TOO_LARGE = 2.0**63

_SILENTLY = "the server removes it silently"
_METADATA = {
    STAMP_KEY: "assistant-sync keeps its own record there",
    LOCK_KEY: "it marks the lock of an apply",
    "created_by": "the server would take the assistant for one of its own",
    **dict.fromkeys(("thread_id", "assistant_id", "run_id", "cron_id", "counters_since_delta_snapshot"), _SILENTLY),
}
_STRIPPED = re.compile(
    r"langgraph_auth_user|langgraph_auth_user_id|langgraph_auth_permissions|langgraph_request_id"
    r"|__langsmith_(project|example_id)__|__request_start_time_ms__|__after_seconds__|__otel_.*|__dd_trace_headers__"
    r"|__pregel_node_finished|__context_provided__",
    re.DOTALL,
)
_SET_BY_RUNS = re.compile(r"(thread|run|graph|assistant|task)_id|checkpoint_.*|__pregel_.*", re.DOTALL)
_FIRST_LETTERS = frozenset("_acglrt")

_Reason: TypeAlias = Callable[[str], str | None]


def mangled(manifest: JsonObject) -> list[Flaw]:
    """Everything in a manifest that would not come back from a server, or not reach a run, as it was written.

    Args:
        manifest: The fields by the API's names; fields of a wrong type are passed over.

    Returns:
        One flaw for each value or key.
    """
    flaws = _reserved(manifest)
    # Building paths costs more than looking: only a manifest that has a flaw pays for it.
    if not _survives(manifest, 0):
        flaws += _flaws(manifest, ())
    return flaws


def _reserved(manifest: JsonObject) -> list[Flaw]:
    config = manifest.get("config")
    inner = config if isinstance(config, Mapping) else {}
    return [
        *_reserved_in(("context",), manifest.get("context"), _reserved_in_context),
        *_reserved_in(("config", "configurable"), inner.get("configurable"), _reserved_in_context),
        *_reserved_in(("metadata",), manifest.get("metadata"), _METADATA.get),
        *_reserved_in(("config", "metadata"), inner.get("metadata"), _METADATA.get),
    ]


def _reserved_in(path: Path, value: JsonValue, reason: _Reason) -> list[Flaw]:
    if not isinstance(value, Mapping):
        return []
    return [
        Flaw((*path, key), f"{dotted((*path, key))} is reserved: {why}", at_key=True)
        for key in value
        if (why := reason(key))
    ]


def _reserved_in_context(key: str) -> str | None:
    if key[:1] not in _FIRST_LETTERS:
        return None
    if _STRIPPED.fullmatch(key):
        return _SILENTLY
    return "every run sets it itself, which hides this value" if _SET_BY_RUNS.fullmatch(key) else None


def _survives(value: JsonValue, depth: int) -> bool:
    """Whether all of a value comes back; written for speed, since nearly every value does."""
    if isinstance(value, str):
        # What is plain ASCII without backslash and NUL needs no closer look.
        return (value.isascii() and "\\" not in value and "\0" not in value) or text_flaw(value) is None
    if value is None or isinstance(value, (int, float)):
        return _number_flaw(value) is None
    if depth >= _DEEPEST:
        return False
    if isinstance(value, (dict, Mapping)):
        for key in value:
            if not _key_survives(key):
                return False
        items: Iterable[JsonValue] = value.values()
    else:
        items = value
    for item in items:  # noqa: SIM110 - a generator costs a third more
        if not _survives(item, depth + 1):
            return False
    return True


@lru_cache(maxsize=4096)
def _key_survives(key: str) -> bool:
    return _key_flaw(key) is None


def _flaws(value: JsonValue, path: Path) -> list[Flaw]:
    """What ``_survives`` objects to, with paths."""
    if isinstance(value, str):
        flaw = text_flaw(value)
        return [Flaw(path, f"{dotted(path)} holds {flaw}")] if flaw else []
    if value is None or isinstance(value, int | float):
        flaw = _number_flaw(value)
        return [Flaw(path, f"{dotted(path)} is {flaw}")] if flaw else []
    if len(path) >= _DEEPEST:
        return [Flaw(path, f"{dotted(path[:1])} is nested more than {_DEEPEST} levels deep")]
    if not isinstance(value, Mapping):
        return [flaw for index, item in enumerate(value) for flaw in _flaws(item, (*path, index))]
    flaws = []
    for key, item in value.items():
        if why := _key_flaw(key):
            flaws.append(Flaw((*path, key), f"the key {shown(key)} holds {why}", at_key=True))
        flaws += _flaws(item, (*path, key))
    return flaws


def text_flaw(text: str) -> str | None:
    """What a server would mangle in a text, as the end of a sentence; None where it comes back."""
    if "\0" in text:
        return "a NUL character, which servers replace or refuse"
    # The official server replaces the escape of NUL in its own JSON, and with it this text (langgraph_api/serde.py).
    if "\\u0000" in text:
        return "a backslash followed by u0000, which the server takes for a NUL character and replaces"
    if text.isascii():
        return None
    try:
        text.encode()
    except UnicodeEncodeError:
        return "half of a surrogate pair, which is no character"
    return None


def _key_flaw(key: str) -> str | None:
    if "\\U0000" in key:
        return "the text \\U0000, which the server refuses in keys"
    return text_flaw(key)


def _number_flaw(number: float | None) -> str | None:
    if isinstance(number, int):
        return None if -_LARGEST <= number <= _LARGEST else "an integer beyond ±(2^53 - 1); quote it if it is text"
    if number is None or abs(number) < _TOO_LARGE:
        return None
    if not math.isfinite(number):
        return "not a finite number, or too large; JSON has neither"
    # On PostgreSQL it becomes an integer, which the official server can put in no answer, listings included
    # (docs/servers.md).
    return "a number from 2^63 on, which makes some servers fail every listing; quote it if it is text"
