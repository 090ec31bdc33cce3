"""Values that do not survive the round trip through a server, or do not reach a run, and are therefore never sent.

Measured on the official server (docs/servers.md); the reserved keys are those that
langgraph_api 0.16.7 strips (validation.py), and those that every run sets or hides.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias, assert_never

from assistant_sync.manifests.diagnostics import Violation
from assistant_sync.manifests.limits import FLOAT_LIMIT, MAX_DEPTH, MAX_INTEGER
from assistant_sync.manifests.wording import dotted, shown
from assistant_sync.model.lock import LOCK_KEY
from assistant_sync.model.stamp import STAMP_KEY

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from assistant_sync.model.values import JsonObject, JsonValue, Path

_SILENTLY = "the server removes it silently"
_OVERRIDDEN = "every run sets it, which overrides this value"
_METADATA = {
    STAMP_KEY: "assistant-sync keeps its own record there",
    LOCK_KEY: "assistant-sync marks its lock with it",
    **dict.fromkeys(("thread_id", "assistant_id", "run_id", "cron_id", "counters_since_delta_snapshot"), _SILENTLY),
}
_STRIPPED = re.compile(
    r"langgraph_auth_user|langgraph_auth_user_id|langgraph_auth_permissions|langgraph_request_id"
    r"|__langsmith_(project|example_id)__|__request_start_time_ms__|__after_seconds__|__otel_.*|__dd_trace_headers__"
    r"|__pregel_node_finished|__context_provided__",
    re.DOTALL,
)
_INTERNAL = re.compile(r"__pregel_.*", re.DOTALL)
_SET_BY_RUNS = re.compile(r"(thread|run|graph|assistant)_id|checkpoint_.*", re.DOTALL)
"""In ``config.configurable`` only: the same keys of a context reach the graph as they are (docs/servers.md)."""
_FIRST_LETTERS = frozenset("_acglrt")

_Reason: TypeAlias = Callable[[str, "JsonValue"], str | None]


def lossy_values(manifest: JsonObject) -> list[Violation]:
    """Find everything in a manifest that would not come back from a server, or not reach a run, as it was written.

    Args:
        manifest: The fields by the API's names; fields of a wrong type are skipped.

    Returns:
        One violation for each value or key.
    """
    return [*reserved_keys(manifest), *lossy_within(manifest)]


def lossy_within(document: JsonObject) -> list[Violation]:
    """Find the values and keys of any document that a server would change, or that JSON cannot represent."""
    # Building paths costs more than looking: only a document with a lossy value pays for it.
    return [] if _is_lossless(document, 0) else _lossy_within(document, ())


def reserved_keys(manifest: JsonObject) -> list[Violation]:
    """Find the keys of a manifest that a server removes or sets itself; fields of a wrong type are skipped."""
    config = manifest.get("config")
    inner = config if isinstance(config, (dict, Mapping)) else {}
    return [
        *_reserved_in(("context",), manifest.get("context"), _reserved_in_context),
        *_reserved_in(("config", "configurable"), inner.get("configurable"), _reserved_in_configurable),
        *_reserved_in(("metadata",), manifest.get("metadata"), _reserved_in_metadata),
        *_reserved_in(("config", "metadata"), inner.get("metadata"), _reserved_in_metadata),
    ]


def may_hold_reserved(keys: Collection[str]) -> bool:
    """Whether a manifest with these keys, at whatever places, may have a reserved one; "no" is certain."""
    # Each manifest has a graph_id, which is reserved below configurable.
    reasons = [_reserved_in_metadata, _reserved_in_configurable if "configurable" in keys else _reserved_in_context]
    return "created_by" in keys or any(reason(key, None) for key in keys for reason in reasons)


def _reserved_in(path: Path, value: JsonValue, reason: _Reason) -> list[Violation]:
    if not value or not isinstance(value, (dict, Mapping)):
        return []
    return [
        Violation((*path, key), f"{dotted((*path, key))} is reserved: {why}", at_key=True)
        for key, item in value.items()
        if (why := reason(key, item))
    ]


def _reserved_in_context(key: str, _: JsonValue) -> str | None:
    if key[:1] not in _FIRST_LETTERS:
        return None
    if _STRIPPED.fullmatch(key):
        return _SILENTLY
    return _OVERRIDDEN if _INTERNAL.fullmatch(key) else None


def _reserved_in_configurable(key: str, value: JsonValue) -> str | None:
    if key[:1] in _FIRST_LETTERS and _SET_BY_RUNS.fullmatch(key):
        return _OVERRIDDEN
    return _reserved_in_context(key, value)


def _reserved_in_metadata(key: str, value: JsonValue) -> str | None:
    if key == "created_by" and value == "system":
        return "with this value, the server would treat the assistant as its own system assistant"
    return _METADATA.get(key)


def reserved_metadata(key: str) -> str | None:
    """Why no manifest may own a metadata key; None if one may."""
    return _METADATA.get(key)


def _is_lossless(value: JsonValue, depth: int) -> bool:
    """Whether all of a value comes back; written for speed, since nearly every value does."""
    if isinstance(value, str):
        # Plain ASCII without backslash and NUL needs no closer look.
        return (value.isascii() and "\\" not in value and "\0" not in value) or lossy_text(value) is None
    if value is None or isinstance(value, (int, float)):
        return _lossy_number(value) is None
    if depth >= MAX_DEPTH:
        return False
    if isinstance(value, (dict, Mapping)):
        for key in value:
            if not _is_lossless_key(key):
                return False
        items: Iterable[JsonValue] = value.values()
    else:
        items = value
    for item in items:  # noqa: SIM110 - a generator costs a third more
        if not _is_lossless(item, depth + 1):
            return False
    return True


@lru_cache(maxsize=4096)
def _is_lossless_key(key: str) -> bool:
    return _lossy_key(key) is None


def _lossy_within(value: JsonValue, path: Path) -> list[Violation]:
    """What ``_is_lossless`` objects to, with paths."""
    match value:
        case str():
            why = lossy_text(value)
            return [Violation(path, f"{dotted(path)} contains {why}")] if why else []
        case None | int() | float():
            why = _lossy_number(value)
            return [Violation(path, f"{dotted(path)} is {why}")] if why else []
        case _ if len(path) >= MAX_DEPTH:
            return [Violation(path, f"{dotted(path[:1])} is nested more than {MAX_DEPTH} levels deep")]
        case Mapping():
            return _lossy_in_mapping(value, path)
        case Sequence():
            return [violation for index, item in enumerate(value) for violation in _lossy_within(item, (*path, index))]
        case _:
            assert_never(value)


def _lossy_in_mapping(mapping: JsonObject, path: Path) -> list[Violation]:
    violations = []
    for key, item in mapping.items():
        if why := _lossy_key(key):
            violations.append(Violation((*path, key), f"the key {shown(key)} contains {why}", at_key=True))
        violations += _lossy_within(item, (*path, key))
    return violations


def lossy_text(text: str) -> str | None:
    """What a server would change in a text, as the end of a sentence; None if the text comes back."""
    if "\0" in text:
        return "a NUL character, which servers replace or reject"
    # The official server replaces the escape of NUL in its own JSON, and with it this text (langgraph_api/serde.py).
    if "\\u0000" in text:
        return "a backslash followed by u0000, which the server reads as a NUL character and replaces"
    if text.isascii():
        return None
    try:
        text.encode()
    except UnicodeEncodeError:
        return "an unpaired surrogate, which is not a valid character"
    return None


def _lossy_key(key: str) -> str | None:
    if "\\U0000" in key:
        return "the text \\U0000, which the server rejects in keys"
    return lossy_text(key)


def _lossy_number(number: float | None) -> str | None:
    if isinstance(number, int):
        is_exact = -MAX_INTEGER <= number <= MAX_INTEGER
        return None if is_exact else "an integer beyond ±(2^53 - 1); quote it if it is text"
    if number is None or abs(number) < FLOAT_LIMIT:
        return None
    if not math.isfinite(number):
        return "NaN, infinite or too large, which JSON cannot represent; quote it if it is text"
    # On PostgreSQL it becomes an integer, which the official server can put in no answer, listings included
    # (docs/servers.md).
    return "a number of ±2^63 or beyond, with which every listing fails on some servers; quote it if it is text"
