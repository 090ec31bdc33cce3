"""The quick look: which files surely hold nothing that a closer look, value by value, would object to.

A closer look at every value of every manifest takes longer than parsing them, and hardly ever finds anything. Each of
these answers may be "no" without a reason, and is "yes" only with one: tests hold them against the closer looks.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from assistant_sync.manifests.rules.leftovers import MARKERS
from assistant_sync.manifests.rules.lossy_values import lossy_text, may_hold_reserved
from assistant_sync.redaction import keys_are_harmless, surely_holds_none

if TYPE_CHECKING:
    from assistant_sync.manifests.yaml12.parser import Document

_CONFLICT = "<" * 7
"""What a conflict begins with; a blank after it may be a line's end in YAML."""

_SIGNS = [(min(sign, key="<XDFITOME".index), sign) for sign in (_CONFLICT, *MARKERS)]


def is_clean_yaml(text: str) -> bool:
    """Whether no value of a YAML text can be lossy, unfinished or like a credential, whatever the names above it.

    Without a backslash there is no escape, so that each value is a part of the text but for line breaks that become
    blanks, blanks that are dropped, and doubled apostrophes.

    Args:
        text: The file.
    """
    return "\\" not in text and "\0" not in text and not _has_sign(text) and surely_holds_none(text)


def is_clean_document(document: Document) -> bool:
    """Whether no number of a document is lossy, and none of its keys is reserved or the name of a credential.

    Args:
        document: One of a file; its keys and texts are parts of the file's text.
    """
    if document.has_odd_number:
        return False
    keys = frozenset(document.keys)
    return keys_are_harmless(keys) and not _may_hold_reserved(keys)


_may_hold_reserved = lru_cache(maxsize=4096)(may_hold_reserved)


def is_clean_text(text: str) -> bool:
    """Whether an included text is neither empty nor lossy, unfinished or like a credential.

    Args:
        text: As it stands.
    """
    return bool(text.strip()) and lossy_text(text) is None and not _has_sign(text) and surely_holds_none(text)


def _has_sign(text: str) -> bool:
    """Whether a text has a sign of unfinished work; a rare letter of each sign is looked for first."""
    return any(letter in text and sign in text for letter, sign in _SIGNS)
