"""The canonical form of an assistant's content: how it is made and digested."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from assistant_sync.model.assistant import Content
from assistant_sync.model.values import MAX_EXACT_INTEGER

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Assistant
    from assistant_sync.model.values import JsonObject, JsonValue

DIGEST_PREFIX = "c1:"
"""Names the canonical form; a digest with another prefix proves nothing about equality."""

_encode = msgspec.json.Encoder(order="sorted").encode

_MIN_PLAIN, _MAX_PLAIN = 1e-4, 1e16
"""Between them, Python and RFC 8785 write a fraction alike: without an exponent."""


def make_content(
    *,
    graph_id: str,
    name: str,
    description: str,
    context: JsonObject,
    config: JsonObject,
    metadata: JsonObject,
) -> Content:
    """Make canonical content.

    Args:
        graph_id: The graph.
        name: The display name.
        description: "" for none.
        context: Taken as it is.
        config: May hold ``configurable``, which becomes a field of its own; keys that hold null, "", [] or {}
            are dropped, because no server distinguishes them reliably from absent ones.
        metadata: The owned keys; those that hold null are dropped.
    """
    configurable = config.get("configurable")
    return Content(
        graph_id=graph_id,
        name=name,
        description=description,
        context=context,
        config={k: v for k, v in config.items() if k != "configurable" and not _is_empty(v)},
        configurable=configurable if isinstance(configurable, (dict, Mapping)) else {},
        metadata={k: v for k, v in metadata.items() if v is not None},
    )


def live_content(live: Assistant, owned_keys: Iterable[str]) -> Content:
    """The content of a row, with ``context`` and ``configurable`` both as they stand.

    Args:
        live: A live assistant or a version.
        owned_keys: The metadata keys that count.

    Raises:
        ValueError: The row is one of a light listing, which is a mistake of the caller's.
    """
    if not live.is_whole:
        message = f"{live.assistant_id} was not read whole"
        raise ValueError(message)
    metadata = live.metadata
    return make_content(
        graph_id=live.graph_id,
        name=live.name,
        description=live.description,
        context=live.context,
        config=live.config,
        metadata={k: metadata[k] for k in owned_keys if k in metadata},
    )


def json_number(number: float) -> float:
    """A number as JSON has it: integers that doubles do not all hold become doubles, or infinity."""
    if not isinstance(number, int) or abs(number) <= MAX_EXACT_INTEGER:
        return number
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def digest(content: Content) -> str | None:
    """The digest of canonical content: ``c1:`` and the SHA-256 over its RFC 8785 JSON, in hexadecimal.

    None if the content has no such JSON, as with an unpaired surrogate that somebody else stored.
    """
    text = json_of_doubles(as_document(content))
    return None if text is None else DIGEST_PREFIX + hashlib.sha256(text).hexdigest()


def canonical_json(value: JsonValue) -> bytes | None:
    """RFC 8785 JSON; None if the value has none."""
    if _is_plain(value):
        try:
            return _encode(value)
        except UnicodeError:
            return None
    import rfc8785  # seldom needed, and slower

    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeError):
        return None


def _is_plain(value: JsonValue) -> bool:
    """Whether msgspec writes a value as RFC 8785 does.

    It sorts by code points, which differ from UTF-16 beyond ASCII, and writes some numbers otherwise. Strings are
    escaped alike. It is called for each value of each assistant.
    """
    if type(value) is dict:
        for key, inner in value.items():
            if not (type(key) is str and key.isascii() and (type(inner) is str or _is_plain(inner))):
                return False
        return True
    if type(value) is list:
        for inner in value:  # noqa: SIM110 - a generator takes twice as long
            if not (type(inner) is str or _is_plain(inner)):
                return False
        return True
    if type(value) is int:
        return abs(value) <= MAX_EXACT_INTEGER
    if type(value) is float:
        return _MIN_PLAIN <= abs(value) < _MAX_PLAIN and not value.is_integer()
    return type(value) is str or type(value) is bool or value is None


def json_of_doubles(value: JsonValue) -> bytes | None:
    """RFC 8785 JSON, with what doubles make of integers that it does not take."""
    text = canonical_json(value)
    return canonical_json(_with_doubles(value)) if text is None else text


def _with_doubles(value: JsonValue) -> JsonValue:
    if isinstance(value, Mapping):
        return {key: _with_doubles(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_with_doubles(inner) for inner in value]
    return json_number(value) if isinstance(value, int) else value


def as_document(content: Content) -> dict[str, JsonValue]:
    """The content in the API's shape; what is empty is left out, ``context`` and ``config`` excepted."""
    config: dict[str, JsonValue] = dict(content.config)
    if content.configurable:
        config["configurable"] = content.configurable
    document: dict[str, JsonValue] = {
        "graph_id": content.graph_id,
        "name": content.name,
        "context": content.context,
        "config": config,
        "metadata": content.metadata,
    }
    if content.description:
        document["description"] = content.description
    return document


def _is_empty(value: JsonValue) -> bool:
    return value is None or (isinstance(value, (str, dict, list, Mapping, Sequence)) and not value)
