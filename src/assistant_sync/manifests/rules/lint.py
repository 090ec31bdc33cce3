"""What is valid in a manifest, but most likely a mistake: each is a warning."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from assistant_sync.manifests.diagnostics import Violation
from assistant_sync.manifests.limits import MAX_NAME_LENGTH
from assistant_sync.manifests.rules.agent_card import agent_card_violations
from assistant_sync.manifests.rules.leftovers import MARKERS, leftover
from assistant_sync.manifests.rules.schema import CONFIG_KEYS
from assistant_sync.manifests.wording import dotted, shown, suggestion
from assistant_sync.redaction import credential_paths, is_literal, is_named_as_credential

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from assistant_sync.manifests.includes import Includes
    from assistant_sync.manifests.sources import Source
    from assistant_sync.model.values import JsonObject, JsonValue, Path

_LIMIT = "recursion_limit"
_MISSPELT_CUTOFF = 0.8
"""Unknown keys are allowed, so only one that is nearer than this to a known one, as difflib's ratio, is reported."""
_CREDENTIAL = (
    "this looks like a credential; whoever can read the repository can read it. Let the graph read it from its "
    "environment, or name {} in allow_literals"
)
_MISPLACED = (
    f"{{}}.{_LIMIT} does not limit a run: LangGraph reads config.{_LIMIT}; move it there, unless the graph "
    "itself reads this one"
)
_EMPTY = "this text is empty; write it, or remove the include"
_CONFLICT = "this text holds the markers of a merge conflict; resolve it"
_LEFTOVER = "this text holds {} in its line {}, where it looks left over; finish the text, or remove the marker"
_MARKERS = ("<" * 7 + " ", "=" * 7, ">" * 7 + " ")
"""What lines of a merge conflict begin with, in this order."""
_SIGNS = (_MARKERS[0], *MARKERS)
"""A text without any of them needs no closer look."""


def lint(written: Source, resolved: Source, includes: Includes, literals: Collection[Path]) -> list[Violation]:
    """Find probable mistakes in a manifest or overlay.

    Args:
        written: The document as it was read.
        resolved: The document with the included texts in place.
        includes: The reader of these texts.
        literals: Paths whose values are no credentials, although they look like some.

    Returns:
        One violation for each value or key; no message holds what may be a credential.
    """
    fields = written.fields
    found = [] if resolved.is_clean else [*_closer_look(written, resolved, includes, literals)]
    if "name" in fields:
        found += _long_name(fields["name"])
    if "config" in fields:
        found += _misspelt_keys(fields["config"])
    found += _misplaced_limits(fields)
    if "metadata" in resolved.fields:
        found += agent_card_violations(resolved.fields["metadata"])
    return found


def _closer_look(
    written: Source, resolved: Source, includes: Includes, literals: Collection[Path]
) -> Iterator[Violation]:
    for path in credentials(written, resolved, includes, literals):
        yield Violation(path, _CREDENTIAL.format(dotted(path)))
    yield from unfinished_texts(resolved, includes)


def credentials(
    written: Source, resolved: Source, includes: Includes, literals: Collection[Path] = ()
) -> tuple[Path, ...]:
    """Where a document of any kind, or a text that it includes, has what looks like a credential.

    Args:
        written: The document as it was read.
        resolved: The document with the included texts in place.
        includes: The reader of these texts.
        literals: Paths whose values are no credentials, although they look like some.
    """
    paths = dict.fromkeys(credential_paths(written.fields, literals))
    # A text that many documents include is searched once.
    suspicious = [
        path
        for path, file in resolved.included.items()
        if includes.holds_credential(file) or is_named_as_credential(path, includes.text(file))
    ]
    paths.update(dict.fromkeys(path for path in suspicious if not is_literal(path, literals)))
    return tuple(paths)


def unfinished_texts(resolved: Source, includes: Includes) -> Iterator[Violation]:
    """Find the included texts that are empty, and the texts of a document of any kind that nobody has finished.

    Args:
        resolved: The document with the included texts in place.
        includes: The reader of these texts.
    """
    yield from (Violation(path, _EMPTY) for path, file in resolved.included.items() if not includes.text(file).strip())
    if not _is_finished(resolved.fields):
        yield from _unfinished(resolved.fields)


def _is_finished(value: JsonValue) -> bool:
    """Whether no text of a value has anything like a marker; written for speed, since nearly every value is."""
    if isinstance(value, str):
        for sign in _SIGNS:  # noqa: SIM110 - a generator costs as much again
            if sign in value:
                return False
        return True
    if isinstance(value, (dict, Mapping)):
        items: Iterable[JsonValue] = value.values()
    elif isinstance(value, list):
        items = value
    else:
        return True
    for item in items:  # noqa: SIM110 - see above
        if not _is_finished(item):
            return False
    return True


def _unfinished(fields: JsonObject) -> Iterator[Violation]:
    """What of the texts nobody wants a model to read: in a block scalar, a marker is text like any other."""
    for path, text in _texts(fields, ()):
        if _has_conflict(text):
            yield Violation(path, _CONFLICT)
        if _is_read_by_graph(path) and (found := leftover(text)):
            marker, line = found
            yield Violation(path, _LEFTOVER.format(marker, line))


def _texts(value: JsonValue, path: Path) -> Iterator[tuple[Path, str]]:
    """All texts of a document, included ones too, each with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*path, index))


def _is_read_by_graph(path: Path) -> bool:
    return path[0] == "context" or path[:2] == ("config", "configurable")


@lru_cache(maxsize=1024)
def _has_conflict(text: str) -> bool:
    found = 0
    for line in text.splitlines() if _MARKERS[0] in text else ():
        if line.startswith(_MARKERS[found]):
            found += 1
            if found == len(_MARKERS):
                return True
    return False


def _long_name(name: JsonValue) -> Iterator[Violation]:
    if isinstance(name, str) and len(name) > MAX_NAME_LENGTH:
        message = f"name has {len(name)} characters; servers on PostgreSQL accept {MAX_NAME_LENGTH} (docs/servers.md)"
        yield Violation(("name",), message)


def _misspelt_keys(config: JsonValue) -> Iterator[Violation]:
    for key in config if isinstance(config, Mapping) else ():
        if near := _nearest_key(key):
            message = f"unknown key {shown(key)} in config is sent as written{near}"
            yield Violation(("config", key), message, at_key=True)


def _misplaced_limits(fields: JsonObject) -> list[Violation]:
    """A limit of recursion where no run looks for it."""
    config = fields.get("config")
    configurable = config.get("configurable") if isinstance(config, (dict, Mapping)) else None
    places: list[tuple[Path, JsonValue]] = [(("context",), fields.get("context"))]
    places += [(("config", "configurable"), configurable)] if configurable else []
    return [
        Violation((*path, _LIMIT), _MISPLACED.format(dotted(path)), at_key=True)
        for path, values in places
        if values and isinstance(values, (dict, Mapping)) and _LIMIT in values
    ]


@lru_cache(maxsize=4096)
def _nearest_key(key: str) -> str:
    return "" if key in CONFIG_KEYS else suggestion(key.lower(), CONFIG_KEYS, cutoff=_MISSPELT_CUTOFF)
