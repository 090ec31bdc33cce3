"""The characters that a terminal would obey, or that a reader could not see."""

from __future__ import annotations

# Ranges, not unicodedata's categories: the same text gives the same output on every Python, and matching is quick.
# Of the spaces only U+0020 and the ideographic U+3000 stand as they are.
HAZARDS = (
    r"\x00-\x1f\x7f-\xa0\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u1680\u17b4\u17b5"
    r"\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3164\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef"
    r"\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000110bd\U000110cd\U00013430-\U0001343f"
    r"\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a\U000e0000-\U0010ffff"
)
"""The inside of a regular expression's brackets."""
