"""YAML 1.2 (core schema), strict: from text to plain values, built directly from libyaml's events.

Building from events takes about half the time of PyYAML's own loaders, and leaves no tag to abuse (decision 0003).
"""

from __future__ import annotations

import re
from contextlib import suppress
from sys import intern
from typing import TYPE_CHECKING, Any, cast

import yaml
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

from assistant_sync.manifests.limits import MAX_ALIAS_CHARACTERS, MAX_DEPTH, MAX_INTEGER
from assistant_sync.manifests.wording import shown
from assistant_sync.manifests.yaml12.anchored import Anchored, Measures, Value
from assistant_sync.manifests.yaml12.errors import YamlError, error_at, explain, refuse_line_breaks
from assistant_sync.manifests.yaml12.scalars import (
    LONGEST_CONSTANT,
    LONGEST_SHORT,
    NUMBER_START,
    resolve_plain,
    resolve_short,
)
from assistant_sync.model.frozen import Frozen

with suppress(ImportError):
    from yaml._yaml import CParser

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from yaml.events import Event

MERGE_KEY = "<<"

_TAB_IN_BLOCK = re.compile(r"[|>][-+]?[ \t]*(?: #[^|>\n]*)?\n(?: *\n)* +\t")
"""The head of a block scalar, and a first line of it that begins with a tab."""

_PLACEHOLDER = re.compile(r"\{ {0,3}([^ {}\[\]:,\"'\n][^{}\[\]:,\"'\n]{0,60})\}")
"""A flow mapping of one key without a value, as nobody writes one on purpose."""

_MOST_PLACEHOLDERS = 20


class Document(Frozen, frozen=True):
    """One document of a YAML file.

    Attributes:
        value: Plain values (``JsonValue``); aliases share parts of it, so it must not be changed.
        line: The line on which its content starts, from 1.
        placeholders: What is a mapping, and was most likely meant as a placeholder in a text: line and column, from
            1, and its name.
        repeated: The characters that aliases have made so far in the file, this document included.
        keys: The keys of all its mappings.
        has_odd_number: Whether a number is not exact, or not finite.
    """

    value: Any
    line: int
    placeholders: tuple[tuple[int, int, str], ...] = ()
    repeated: int = 0
    keys: Collection[str] = ()
    has_odd_number: bool = False


def parse_documents(text: str) -> list[Document]:
    """Parse a YAML file.

    Args:
        text: The whole file, without a byte order mark.

    Returns:
        Its documents; an empty one has the value None. Floats may be NaN or infinite, integers of any size.

    Raises:
        YamlError: The first error in the file.
    """
    refuse_line_breaks(text)
    try:
        parser = _parser(text)
        try:
            return _Builder(cast("Callable[[], Event]", parser.get_event), text).documents()
        finally:
            parser.dispose()
    except yaml.YAMLError as error:
        raise explain(error, text) from error
    except UnicodeEncodeError as error:
        raise error_at(text, error.start, "unpaired surrogate: not a valid character") from error
    except (ValueError, OverflowError) as error:  # PyYAML's own parser, of an escape beyond Unicode
        raise YamlError(1, 1, "not valid YAML: an escape is not a valid character") from error


def is_for_libyaml(text: str) -> bool:
    """Whether libyaml parses a text as YAML 1.2; PyYAML's own parser is much slower.

    libyaml refuses a block scalar whose first line begins with a tab, which is content (YAML 1.2, 8.1.1.1).
    """
    return yaml.__with_libyaml__ and ("\t" not in text or _TAB_IN_BLOCK.search(text) is None)


def _parser(text: str) -> CParser | yaml.SafeLoader:
    return CParser(text) if is_for_libyaml(text) else yaml.SafeLoader(text)


class _Builder:
    """Builds values from a parser's events.

    Args:
        get: Returns the next event.
        text: What is parsed.
    """

    __slots__ = ("anchors", "expansion", "get", "keys", "lines", "measures", "odd", "placeholders", "text")

    def __init__(self, get: Callable[[], Event], text: str) -> None:
        self.get = get
        self.text = text
        self.lines: list[str] = []
        self.placeholders: list[tuple[int, int, str]] = []
        self.anchors: dict[str, Anchored | None] = {}  # None while the value is being built
        self.measures = Measures()
        self.keys: set[str] = set()
        self.odd = False
        self.expansion = 0

    def documents(self) -> list[Document]:
        """Build all documents."""
        found = []
        while not isinstance(event := self.get(), StreamEndEvent):
            if isinstance(event, DocumentStartEvent):
                if event.version and tuple(event.version) < (1, 2):
                    raise YamlError.at(event, "files are read as YAML 1.2: remove the %YAML line")
                self.anchors, self.measures, self.keys, self.odd = {}, Measures(), set(), False
                first = self.get()
                line = first.start_mark.line + 1 if first.start_mark else 1
                value = self.value(first, 0)
                placeholders = tuple(self.placeholders)
                found.append(Document(value, line, placeholders, self.expansion, self.keys, self.odd))
                self.placeholders.clear()
        return found

    def value(self, event: Event, depth: int) -> Value:
        """Build the value that starts with an event, ``depth`` levels below the document's top."""
        if type(event) is ScalarEvent:
            value: Value = self.scalar(event)
        elif type(event) is AliasEvent:
            return self.alias(event, depth)
        else:
            assert isinstance(event, CollectionStartEvent)  # noqa: S101 - the parser's grammar
            if event.tag is not None:
                raise _tagged(event)
            if depth >= MAX_DEPTH:
                raise YamlError.at(event, f"nested more than {MAX_DEPTH} levels deep")
            if event.anchor is not None:
                self.anchors[event.anchor] = None
            value = self.mapping(depth + 1) if type(event) is MappingStartEvent else self.sequence(depth + 1)
            if event.flow_style and len(value) == 1:
                self.note_placeholder(event)
        if event.anchor is not None:
            self.anchors[event.anchor] = self.measures.of(value)
        return value

    def note_placeholder(self, event: CollectionStartEvent) -> None:
        """Remember a flow mapping of one key without a value."""
        mark = event.start_mark
        if mark is None or len(self.placeholders) >= _MOST_PLACEHOLDERS:
            return
        self.lines = self.lines or self.text.split("\n")
        found = _PLACEHOLDER.match(self.lines[mark.line], mark.column)
        if found is not None:
            self.placeholders.append((mark.line + 1, mark.column + 1, found[1].strip()))

    def scalar(self, event: ScalarEvent) -> Value:
        """Build a scalar."""
        if event.tag is not None:
            raise _tagged(event)
        text: str = event.value
        # A text that is longer than any constant and does not start like a number needs no closer look.
        if event.style or (len(text) > LONGEST_CONSTANT and text[0] not in NUMBER_START):
            return text
        try:
            value = resolve_short(text) if len(text) <= LONGEST_SHORT else resolve_plain(text)
        except ValueError:
            raise YamlError.at(event, "a number with thousands of digits; quote it if it is text") from None
        if isinstance(value, int | float) and not -MAX_INTEGER <= value <= MAX_INTEGER:
            self.odd = True
        return value

    def sequence(self, depth: int) -> list[Value]:
        """Build the rest of a list."""
        get, value, scalar = self.get, self.value, self.scalar
        items = []
        while type(event := get()) is not SequenceEndEvent:
            if type(event) is ScalarEvent and event.anchor is None:
                items.append(scalar(event))
            else:
                items.append(value(event, depth))
        return items

    def mapping(self, depth: int) -> dict[str, Value]:
        """Build the rest of a mapping."""
        get, value, scalar, keys = self.get, self.value, self.scalar, self.keys
        result: dict[str, Value] = {}
        merged: list[dict[str, Value]] | None = None
        # Most keys and values are scalars without an anchor: one call less for each of them.
        while type(event := get()) is not MappingEndEvent:
            key = scalar(event) if type(event) is ScalarEvent and event.anchor is None else value(event, depth)
            if not isinstance(key, str):
                raise _bad_key(event, key)
            if key == MERGE_KEY and type(event) is ScalarEvent and not event.style:
                if merged is not None:
                    raise YamlError.at(event, "'<<' is given twice: give one list of mappings")
                merged = self.merged(get(), depth)
            elif key in result:
                raise YamlError.at(event, f"the key {shown(key)} is given twice")
            else:
                keys.add(key)
                event = get()
                if type(event) is ScalarEvent and event.anchor is None:
                    result[intern(key)] = scalar(event)
                else:
                    result[intern(key)] = value(event, depth)
        for mapping in merged or ():
            for key, item in mapping.items():
                result.setdefault(key, item)
        return result

    def merged(self, event: Event, depth: int) -> list[dict[str, Value]]:
        """Build the mappings that a merge key merges, the strongest first."""
        value = self.value(event, depth)
        mappings = [part for part in (value if isinstance(value, list) else [value]) if isinstance(part, dict)]
        if len(mappings) != (len(value) if isinstance(value, list) else 1):
            raise YamlError.at(event, "'<<' merges a mapping, or a list of mappings")
        return mappings

    def alias(self, event: AliasEvent, depth: int) -> Value:
        """Look up what an alias stands for, and limit what all of them do."""
        name = event.anchor or ""
        if name not in self.anchors:
            raise YamlError.at(event, f"the alias *{name} has no anchor &{name} before it")
        anchored = self.anchors[name]
        if anchored is None:
            raise YamlError.at(event, f"the alias *{name} refers to a value that contains the alias itself")
        if depth + anchored.height > MAX_DEPTH:
            raise YamlError.at(event, f"nested more than {MAX_DEPTH} levels deep")
        self.expansion += anchored.weight
        if self.expansion > MAX_ALIAS_CHARACTERS:
            limit = MAX_ALIAS_CHARACTERS // 2**20
            raise YamlError.at(event, f"the aliases of this file expand to more than {limit} MiB")
        return anchored.value


def _tagged(event: ScalarEvent | CollectionStartEvent) -> YamlError:
    return YamlError.at(event, "tags are not supported: remove the tag, or quote a text that starts with '!'")


def _bad_key(event: Event, key: Value) -> YamlError:
    if isinstance(key, dict | list):
        hint = "; if '{{ ... }}' is a placeholder, quote the whole text" if isinstance(key, dict) else ""
        return YamlError.at(event, f"a key must be text, not a list or mapping{hint}")
    text = event.value if isinstance(event, ScalarEvent) else ""
    if not text:
        return YamlError.at(event, "a key is missing before ':'")
    return YamlError.at(event, f"a key must be text: quote it, as in {shown(text)}: ...")
