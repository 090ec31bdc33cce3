"""Masking of what looks like a credential, in the model and before any rendering."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from assistant_sync.model.change import FieldChange

if TYPE_CHECKING:
    from assistant_sync.model.values import JsonValue, Path

_SENT: set[str] = set()
"""The secrets that this program sends; a server that repeats one must not get it printed."""

_SHORTEST_SENT = 8
"""Characters of a secret that is masked wherever it stands; what is shorter is a part of many words."""

MASK = "(masked)"
"""What stands for a credential inside a path or a sentence."""

_WORDS = (
    r"api[_-]?keys?|access[_-]?keys?|secret[_-]?keys?|private[_-]?keys?|signing[_-]?keys?|encryption[_-]?keys?"
    r"|secrets?|passwords?|passwd|pwd|passphrase|credentials?|authorization|bearer"
    r"|(?:access|auth|refresh|id|session|api|bot|bearer)[_-]?tokens?|token"
    r"|connection[_-]?string|dsn|cookies?"
)
_NAME = re.compile(rf"(?:^|[_.\-\s/])(?:{_WORDS})(?:$|[_.\-\s/])", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

# A name that ends so holds a reference or a number, not the credential.
_REFERENCE = re.compile(
    r"(?:^|[_.\-\s/])(?:env|name|ref|path|file|id|limit|count|budget|ttl|url|uri|type)$", re.IGNORECASE
)

_CONTENT = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|\b(?:sk-[A-Za-z0-9_-]{16,}"
    r"|(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,}"
    r"|lsv2_(?:pt|sk)_[A-Za-z0-9_]{16,}|ls__[A-Za-z0-9]{16,}"
    r"|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}"
    r"|(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|xox[abeoprs]-[A-Za-z0-9-]{10,}"
    r"|AIza[0-9A-Za-z_-]{30,}|ya29\.[0-9A-Za-z_-]{20,}"
    r"|hf_[A-Za-z0-9]{20,}|gsk_[A-Za-z0-9]{20,}|tvly-[A-Za-z0-9-]{16,}|pplx-[A-Za-z0-9]{20,}"
    # Only from the start of a run: a text of many beginnings would be read from each of them to its end.
    r"|(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}+\.eyJ[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]*"
    r"|[Bb]earer\s+[A-Za-z0-9._~+/-]{16,}"
    r"|[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{0,200}:[^\s/@]{1,200}@)"
)

_SHORTEST = len("ab://:d@")
_LETTERS = (string.ascii_letters + string.digits + "_-").encode()
_MARKED = bytes(ord("x") if byte in _LETTERS else ord(" ") for byte in range(256))
_LONG_WORD = b"x" * 15
"""No shape above is shorter, but for those that ``_may_match`` names."""


def mask_sent(values: Iterable[str]) -> None:
    """From now on mask these texts too, as a whole and, of an authorisation header, what follows its scheme."""
    for value in values:
        _SENT.update(part for part in (value, value.partition(" ")[2].strip()) if len(part) >= _SHORTEST_SENT)
    _is_telling.cache_clear()


def forget_sent() -> None:
    """Mask only what looks like a credential again."""
    _SENT.clear()
    _is_telling.cache_clear()


def redact(fields: Iterable[FieldChange]) -> tuple[FieldChange, ...]:
    """Mask the values of each field that looks like a credential, by its path or on either side."""
    return tuple(_redact_one(field) for field in fields)


def redact_text(text: str) -> str:
    """Mask what looks like a credential inside a text of ours, such as a name or a server's message."""
    for secret in sorted(_SENT, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return _CONTENT.sub(MASK, text)


def credential_paths(document: JsonValue) -> tuple[Path, ...]:
    """Where in a document something looks like a credential, by its name or by its content.

    Args:
        document: Any value; a text has the empty path.

    Returns:
        The paths; below a name of a credential nothing more is looked for. ``redact`` masks all of them, and also the
        parameters of a JSON Schema, which have the names of credentials but hold none.
    """
    # Building paths costs more than looking: only a document that holds one pays for it.
    return tuple(_paths(document, ())) if _holds_a_credential(document) else ()


def _paths(value: JsonValue, path: Path) -> Iterator[Path]:
    if isinstance(value, str):
        if _matches(value):
            yield path
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            is_parameter = path[-1:] == ("properties",) and isinstance(inner, Mapping)
            named = not is_parameter and _names_a_credential(key) and _can_hold_a_credential(inner)
            if named or _matches(key):
                yield (*path, key)
            else:
                yield from _paths(inner, (*path, key))
    elif isinstance(value, Sequence):
        for index, item in enumerate(value):
            yield from _paths(item, (*path, index))


def _redact_one(field: FieldChange) -> FieldChange:
    named = any(isinstance(part, str) and _names_a_credential(part) for part in field.path)
    hidden = (named and any(map(_can_hold_a_credential, (field.before, field.after)))) or any(
        map(_holds_a_credential, (field.before, field.after))
    )
    path = tuple(redact_text(part) if isinstance(part, str) else part for part in field.path)
    if hidden:
        return FieldChange(path, field.op, None, None, sensitive=True)
    return field if path == field.path else FieldChange(path, field.op, field.before, field.after)


def _names_a_credential(name: str) -> bool:
    spaced = _CAMEL.sub("_", name)
    return bool(_NAME.search(spaced)) and not _REFERENCE.search(spaced)


def _can_hold_a_credential(value: JsonValue) -> bool:
    """A number, a flag or an emptiness is no credential, whatever its name."""
    if isinstance(value, str | Mapping | Sequence):
        return len(value) > 0
    return False


def _holds_a_credential(value: JsonValue) -> bool:
    """Whether a value, or anything inside it, looks like a credential; written for speed, since hardly any does."""
    if isinstance(value, str):
        return _matches(value)
    if value is None or isinstance(value, (int, float)):
        return False
    if isinstance(value, (dict, Mapping)):
        for key, inner in value.items():
            if _is_telling(key) and (_matches(key) or _can_hold_a_credential(inner)):
                return True
        value = list(value.values())
    for item in value:  # noqa: SIM110 - a generator costs a third more
        if _holds_a_credential(item):
            return True
    return False


@lru_cache(maxsize=4096)
def _is_telling(key: str) -> bool:
    return _matches(key) or _names_a_credential(key)


def _matches(text: str) -> bool:
    if len(text) < _SHORTEST:
        return False
    return (_may_match(text) and _CONTENT.search(text) is not None) or any(secret in text for secret in _SENT)


def _may_match(text: str) -> bool:
    """Whether a text needs a closer look; takes a tenth of its time, and nearly every text needs none."""
    return (
        _LONG_WORD in text.encode("ascii", "replace").translate(_MARKED)
        or "eyJ" in text
        or "earer" in text
        or "-----BEGIN" in text
        or ("@" in text and "://" in text)
    )
