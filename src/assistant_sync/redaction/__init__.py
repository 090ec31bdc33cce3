"""Redaction: what looks like a credential, what was sent as one, and the masking of both before any rendering."""

from assistant_sync.redaction.document import mask_values
from assistant_sync.redaction.masking import (
    credential_paths,
    is_literal,
    is_named_as_credential,
    keys_are_harmless,
    redact,
    redact_text,
)
from assistant_sync.redaction.shapes import (
    MASK,
    forget_sent,
    holds_sent,
    mask_sent,
    may_hold_sent,
    surely_holds_none,
    without_parts,
    without_sent,
)

__all__ = [
    "MASK",
    "credential_paths",
    "forget_sent",
    "holds_sent",
    "is_literal",
    "is_named_as_credential",
    "keys_are_harmless",
    "mask_sent",
    "mask_values",
    "may_hold_sent",
    "redact",
    "redact_text",
    "surely_holds_none",
    "without_parts",
    "without_sent",
]
