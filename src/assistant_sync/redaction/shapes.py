"""Texts that are credentials by their shape, and those that this program sends."""

from __future__ import annotations

import re
import string
from bisect import bisect_right
from functools import lru_cache
from itertools import accumulate, groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MASK = "(masked)"
"""What stands for a credential inside a path or a sentence."""

_SENT: set[str] = set()
"""The secrets that this program sends; a server that repeats one must not get it printed."""

_SHORTEST_SENT = 8
"""Characters of a secret that is masked wherever it stands; what is shorter is a part of many words."""

_FOLDED = re.compile(r"[\s']+")
"""White space and apostrophes, of which YAML writes more or others."""

_PART = 10
"""Characters of a secret in a row that are masked in a short text."""

_KEY_BEGINS, _KEY_ENDS = "-----BEGIN", "-----END"
"""Around a private key in PEM form, which is secret to its end."""

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


def forget_sent() -> None:
    """Mask only what looks like a credential again."""
    _SENT.clear()


def matches(text: str) -> bool:
    """Whether a text holds what looks like a credential, or what was sent as one."""
    if len(text) < _SHORTEST:
        return False
    return (_may_match(text) and _CONTENT.search(text) is not None) or holds_sent(text)


def holds_sent(text: str) -> bool:
    """Whether a text holds a secret that this program sends."""
    return bool(_SENT) and any(secret in text for secret in _SENT)


def may_hold_sent(yaml: bytes) -> bool:
    """Whether a value of a YAML file may hold a secret that this program sends; "no" is certain."""
    return bool(_SENT) and (b"\\" in yaml or _holds_part_of_sent(yaml.decode("utf-8", "replace")))


def _holds_part_of_sent(text: str) -> bool:
    """Whether a text holds the longest part of a secret that is sent which YAML writes as it is."""
    return any(max(_FOLDED.split(secret), key=len) in text for secret in _SENT)


def hold_sent(texts: Iterable[str]) -> bool:
    """Whether any text holds a secret that this program sends."""
    return bool(_SENT) and any(map(holds_sent, texts))


def surely_holds_none(text: str) -> bool:
    """Whether no part of a text can be a credential by its shape, line breaks and doubled apostrophes left out or not.

    A "no" says nothing.
    """
    if not _may_match(text) and not _SENT:
        return True
    is_odd = _KEY_BEGINS in text or ("@" in text and "://" in text)  # these two may hold blanks or apostrophes
    return not is_odd and _CONTENT.search(text) is None and not _holds_part_of_sent(text)


def key_matches(key: str) -> bool:
    """The same of a key, of which documents repeat few."""
    return key_has_shape(key) or holds_sent(key)


@lru_cache(maxsize=4096)
def key_has_shape(key: str) -> bool:
    """Whether a key looks like a credential."""
    return len(key) >= _SHORTEST and _may_match(key) and _CONTENT.search(key) is not None


def without_sent(text: str) -> str:
    """Put ``MASK`` in the place of each secret that was sent: the last look at whatever leaves the program."""
    for secret in sorted(_SENT, key=len, reverse=True) if _SENT else ():
        text = text.replace(secret, MASK)
    return text


def without_secrets(text: str) -> str:
    """Put ``MASK`` in the place of each credential in a text."""
    text = without_sent(text)
    if not _may_match(text):
        return text
    pieces, end = [], 0
    for start, stop in _spans(text):
        pieces += [text[end:start], MASK]
        end = stop
    return "".join([*pieces, text[end:]])


def without_parts(text: str) -> str:
    """Mask what has a part of a secret that was sent, as where a server repeats a key without its beginning.

    Args:
        text: A short one: each of its characters is looked at for each secret.
    """
    hidden = [False] * len(text)
    for secret in _SENT:
        if " " in secret:
            continue  # its scheme is a word like any other; the token after it is masked by itself
        parts = {secret[start : start + _PART] for start in range(len(secret) - _PART + 1)}
        for start in range(len(text) - _PART + 1):
            if text[start : start + _PART] in parts:
                hidden[start : start + _PART] = [True] * _PART
    runs = groupby(zip(text, hidden, strict=True), lambda pair: pair[1])
    return "".join(MASK if is_hidden else "".join(character for character, _ in run) for is_hidden, run in runs)


def secret_lines(text: str) -> frozenset[int]:
    """The numbers, from 0, of the lines that hold a part of a credential."""
    starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
    spans = [*(_spans(text) if _may_match(text) else ()), *_sent_in(text)]
    return frozenset(
        number
        for start, stop in spans
        for number in range(bisect_right(starts, start) - 1, bisect_right(starts, stop - 1))
    )


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Where credentials begin and end; a private key goes on to its own end, or to that of the text."""
    position = 0
    while (found := _CONTENT.search(text, position)) is not None:
        position = found.end()
        if found[0].startswith(_KEY_BEGINS):
            end = text.find(_KEY_ENDS, position)
            line = len(text) if end < 0 else text.find("\n", end)
            position = len(text) if line < 0 else line
        yield found.start(), position


def _sent_in(text: str) -> Iterator[tuple[int, int]]:
    for secret in _SENT:
        position = text.find(secret)
        while position >= 0:
            yield position, position + len(secret)
            position = text.find(secret, position + len(secret))


def _may_match(text: str) -> bool:
    """Whether a text needs a closer look; takes a tenth of its time, and nearly every text needs none."""
    if len(text) < len(_LONG_WORD):
        return "@" in text and "://" in text
    return (
        _LONG_WORD in text.encode("ascii", "replace").translate(_MARKED)
        or ("J" in text and "eyJ" in text)
        or "earer" in text
        or _KEY_BEGINS in text
        or ("@" in text and "://" in text)
    )
