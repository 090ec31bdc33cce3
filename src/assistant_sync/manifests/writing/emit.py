"""New YAML text for values, in the style of a manifest that a person wrote."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import yaml

from assistant_sync.manifests.yaml12.errors import YamlError
from assistant_sync.manifests.yaml12.parser import parse_documents
from assistant_sync.manifests.yaml12.scalars import resolve_plain
from assistant_sync.model.invisible import HAZARDS
from assistant_sync.planning.equality import same_json

if TYPE_CHECKING:
    from assistant_sync.model.values import JsonObject, JsonValue

_ENDLESS = 2**31 - 1
"""The width of a line: no text is folded, so that a diff shows whole lines."""

_UNPRINTABLE = re.compile(r"[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_NO_BLOCK = re.compile(_UNPRINTABLE.pattern + r"|^[ \n]| \n| \Z")
"""What a literal block cannot hold, or not in a way that editors leave alone."""


_INVISIBLE = re.compile(rf"(?![\n\ufe0f])[{HAZARDS}]")
"""What a terminal would obey, or a reader could not see; U+FE0F alone only asks for an emoji in colour."""


class _Dumper(yaml.SafeDumper):
    """Block style, lists indented below their key, no aliases.

    Attributes:
        escaped: Texts with these characters are quoted, so that they can be escaped.
    """

    escaped = _UNPRINTABLE

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - PyYAML's signature
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - PyYAML's signature
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = '"' if dumper.escaped.search(text.replace("\n", "")) else _style(text)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _style(text: str) -> str | None:
    if "\n" in text:
        return '"' if _NO_BLOCK.search(text) else "|"
    # PyYAML quotes what YAML 1.1 reads as something else than text; 1.2 has numbers of its own.
    return "'" if text and len(text) < _ENDLESS and _is_no_text(text) else None


def _is_no_text(text: str) -> bool:
    try:
        return not isinstance(resolve_plain(text), str)
    except ValueError:
        return True


def _mapping(dumper: _Dumper, value: dict[str, Any]) -> yaml.MappingNode:
    """An include is written on one line, as people write it."""
    return dumper.represent_mapping("tag:yaml.org,2002:map", value, flow_style=True if [*value] == ["$file"] else None)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(dict, _mapping)


class _InertDumper(_Dumper):
    """Quotes also what a reader could not see."""

    escaped = _INVISIBLE


def emit(document: JsonObject, *, is_inert: bool = False) -> str:
    """Write a document.

    Args:
        document: Its fields, in the order in which they are written.
        is_inert: Whether what a terminal would obey, or a reader could not see, is escaped.

    Returns:
        YAML in block style that reads back as the same JSON; texts of several lines are literal blocks.

    Raises:
        ValueError: YAML cannot carry a value, such as an unpaired surrogate.
    """
    dumper = _InertDumper if is_inert else _Dumper
    text = yaml.dump(
        _plain(document), Dumper=dumper, allow_unicode=True, sort_keys=False, width=_ENDLESS, default_flow_style=False
    )
    if is_inert:
        text = _INVISIBLE.sub(_escaped, text)
    if _reads_back(text, document):
        return text
    hidden = _INVISIBLE if is_inert else _UNPRINTABLE
    text = hidden.sub(_escaped, json.dumps(document, ensure_ascii=False, indent=2)) + "\n"
    if _reads_back(text, document):
        return text
    raise ValueError("a value that YAML cannot carry")


def _reads_back(text: str, document: JsonObject) -> bool:
    try:
        documents = parse_documents(text)
    except YamlError:
        return False
    return len(documents) == 1 and same_json(documents[0].value, document)


def _escaped(found: re.Match[str]) -> str:
    point = ord(found[0])
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def _plain(value: JsonValue) -> Any:  # noqa: ANN401 - what PyYAML represents
    """Mappings and lists of the kinds that PyYAML knows."""
    if isinstance(value, str) or value is None or isinstance(value, bool | int | float):
        return value
    if hasattr(value, "items"):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value]
