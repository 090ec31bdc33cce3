"""Masking of what looks like a credential, in the model and before any rendering."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from assistant_sync.model.change import FieldChange

if TYPE_CHECKING:
    from assistant_sync.model.values import JsonValue

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
_REFERENCE = re.compile(r"(?:env|name|ref|path|file|id|limit|count|budget|ttl|url|uri|type)$", re.IGNORECASE)

_CONTENT = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|\bsk-[A-Za-z0-9_-]{16,}"
    r"|\b(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,}"
    r"|\blsv2_(?:pt|sk)_[A-Za-z0-9_]{16,}|\bls__[A-Za-z0-9]{16,}"
    r"|\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_[A-Za-z0-9_]{20,}|\bglpat-[A-Za-z0-9_-]{16,}"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\bxox[abeoprs]-[A-Za-z0-9-]{10,}"
    r"|\bAIza[0-9A-Za-z_-]{30,}|\bya29\.[0-9A-Za-z_-]{20,}"
    r"|\bhf_[A-Za-z0-9]{20,}|\bgsk_[A-Za-z0-9]{20,}|\btvly-[A-Za-z0-9-]{16,}|\bpplx-[A-Za-z0-9]{20,}"
    r"|\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"
    r"|\b[Bb]earer\s+[A-Za-z0-9._~+/-]{16,}"
    r"|\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{1,200}:[^\s/@]{1,200}@"
)


def redact(fields: Iterable[FieldChange]) -> tuple[FieldChange, ...]:
    """Mask the values of each field that looks like a credential, by its path or on either side."""
    return tuple(_redact_one(field) for field in fields)


def redact_text(text: str) -> str:
    """Mask what looks like a credential inside a text of ours, such as a name or a server's message."""
    return _CONTENT.sub(MASK, text)


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
    """Whether a value, or anything inside it, looks like a credential."""
    if isinstance(value, str):
        return bool(_CONTENT.search(value))
    if isinstance(value, Mapping):
        return any(
            bool(_CONTENT.search(key))
            or (_names_a_credential(key) and _can_hold_a_credential(inner))
            or _holds_a_credential(inner)
            for key, inner in value.items()
        )
    if isinstance(value, Sequence):
        return any(map(_holds_a_credential, value))
    return False
