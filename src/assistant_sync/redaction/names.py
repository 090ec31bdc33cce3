"""Names of credentials, and the values below them that can be one.

A name alone proves nothing: most values below such names are flags, numbers, references and plain words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assistant_sync.model.values import JsonValue


class Naming(Enum):
    """What a name says of the value below it."""

    NOTHING = 0
    CREDENTIAL = 1
    """It may be a key or a token, which nobody could take for a word."""
    PASSWORD = 2
    """It may be a word that somebody chose."""


_PASSWORDS = r"secrets?|passwords?|passwd|pwd|passphrase"
_WORDS = (
    r"api[_-]?keys?|access[_-]?keys?|secret[_-]?keys?|private[_-]?keys?|signing[_-]?keys?|encryption[_-]?keys?"
    r"|credentials?|authorization|bearer"
    r"|(?:access|auth|refresh|id|session|api|bot|bearer)[_-]?tokens?|token"
    r"|connection[_-]?string|dsn|cookies?"
)
_NAME = re.compile(rf"(?:^|[_.\-\s/])(?:{_WORDS}|(?P<password>{_PASSWORDS}))(?:$|[_.\-\s/])", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

# A name that ends so holds a reference, a setting or a text about the credential, not the credential.
_ABOUT_IT = re.compile(
    r"(?:^|[_.\-\s/])(?:env|var|name|ref|path|file|id|url|uri|header|prefix|field|source|provider|store|type|kind|mode"
    r"|format|encoding|scheme|strategy|model|scopes?|policy|rules?|pattern|regex|usage|counting|counter|counts?|limits?"
    r"|budget|window|size|length|min|max|ttl|expiry|price|cost|required|enabled|optional|prompt|hint|message|label"
    r"|title|text|description|instructions?|question|help|example|placeholder)$",
    re.IGNORECASE,
)

_REFERENCES = re.compile(
    r"\$\{\{[^{}]*\}\}|\$\{[^{}]*\}|\{\{[^{}]*\}\}|\{[A-Za-z_][\w.]*\}|%\([^()]*\)s|<[^<>]*>"
    r"|(?<!\S)\$[A-Za-z_]\w*(?!\S)|(?<!\S)%\w+%(?!\S)"
)
_STORED = re.compile(
    r"(?:env|file|vault|secrets?|secretref|ssm|kms|keyring|op|doppler|os\.environ|process\.env|arn)[:/.]\S*"
    r"|(?:~|\.{1,2}|/run|/var|/etc|/mnt|/secrets?)/[\w./-]*"
    r"|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+",
)
"""Where a credential is kept, or the variable that holds it."""

_PART = re.compile(r"[^\W\d_]{1,20}|v?\d{1,4}[a-z]{0,2}|")
_MIXED = re.compile(r"(?:[a-z]{1,20})?(?:[A-Z][a-z]{1,19}){1,4}")
_AROUND = "\"'`.,;:!?()[]*"
_BETWEEN = re.compile(r"[-_./:,]")
_LONGEST_WORD = 60

_FLAGS = frozenset(
    {"none", "null", "true", "false", "yes", "no", "on", "off", "required", "optional", "enabled", "disabled",
     "default", "auto", "never", "always", "ask", "prompt", "env", "hidden", "masked", "redacted"}
)  # fmt: skip


@lru_cache(maxsize=4096)
def naming(name: str) -> Naming:
    """What a name says of its value."""
    spaced = _CAMEL.sub("_", name)
    found = _NAME.search(spaced)
    if found is None or _is_about_it(name):
        return Naming.NOTHING
    return Naming.PASSWORD if found["password"] else Naming.CREDENTIAL


@lru_cache(maxsize=4096)
def _is_about_it(name: str) -> bool:
    return _ABOUT_IT.search(_CAMEL.sub("_", name)) is not None


def strongest(names: Iterable[object]) -> Naming:
    """What the names on a path say of its value; the last one may say that it is a setting."""
    texts = [name for name in names if isinstance(name, str)]
    if texts and _is_about_it(texts[-1]):
        return Naming.NOTHING
    return max(map(naming, texts), key=lambda one: one.value, default=Naming.NOTHING)


def can_be_secret(value: JsonValue, named: Naming) -> bool:
    """Whether a value below a name can be the credential, or holds a value that can.

    A flag, a number, an emptiness, a reference to where the credential is, or a plain word is none. A password may be a
    word, so that only a reference or a flag is none there.
    """
    if named is Naming.NOTHING:
        return False
    if isinstance(value, str):
        return _can_be(value, named)
    if isinstance(value, Mapping):
        return any(can_be_secret(inner, named) for key, inner in value.items() if not _is_about_it(key))
    if isinstance(value, Sequence):
        return any(can_be_secret(inner, named) for inner in value)
    return False


def _can_be(text: str, named: Naming) -> bool:
    rest = _REFERENCES.sub(" ", text).strip()
    if not rest or _STORED.fullmatch(rest):
        return False
    if named is Naming.PASSWORD:
        return rest.lower() not in _FLAGS
    return not all(map(_is_plain, rest.split()))


def _is_plain(word: str) -> bool:
    """Whether a word is one of a language, a short number, or a few of them joined, such as ``gpt-4o-mini``."""
    word = word.strip(_AROUND)
    return len(word) <= _LONGEST_WORD and all(map(_is_part, _BETWEEN.split(word)))


def _is_part(part: str) -> bool:
    if _PART.fullmatch(part) is None:
        return False
    return part.islower() or part.isupper() or not part.isalpha() or part.istitle() or bool(_MIXED.fullmatch(part))
