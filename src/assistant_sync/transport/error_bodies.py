"""The message in the body of an error, as one short line that is safe to print.

Servers differ: ``{"detail": text | list}`` (official, FastAPI), ``{"error", "message"}`` (Aegra), ``{"message"}``,
``{"success": false, "error": {"issues"}}`` (JS), plain text, HTML, nothing at all.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from html import unescape
from typing import Any

from assistant_sync.redaction import redact_text, without_parts

MAX_LENGTH = 300
"""Characters of a message."""

_HTML = re.compile(rb"\s*(<!doctype html|<html|<head|<body|<!--)", re.IGNORECASE)
_TITLE, _TITLE_END = re.compile(r"<title\b", re.IGNORECASE), re.compile(r"</title", re.IGNORECASE)
_JSON_STARTS = frozenset(b'{["-0123456789tfn')

# The official server's 422 repeats the offending value, which may be a prompt or a secret, twice: before the
# complaint and after "On instance". What remains is the complaint and the field's path.
_FAILED = re.compile(r'\n[ \t]*+Failed validating "(\w{1,100})" in schema')
_INSTANCE = re.compile(r"\n[ \t]*+On instance((?:\[[^\]\n]*+\])*+):")
_COMPLAINTS = {
    "type": "is not of type",
    "enum": "is not one of",
    "pattern": "does not match",
    "minimum": "is less than",
    "maximum": "is greater than",
}
_ABOUT_NAMES = frozenset({"required", "additionalProperties"})


def is_html(content: bytes) -> bool:
    """Whether a body is a web page."""
    return _HTML.match(content) is not None


def may_be_json(content: bytes) -> bool:
    """Whether a body starts like JSON; whether all of it is JSON is left to the parser."""
    start = content[:64].lstrip()
    return bool(start) and start[0] in _JSON_STARTS


def error_message(content: bytes, hidden: tuple[str, ...] = ()) -> str:
    """Return the message in the body of an error.

    Args:
        content: The body, of any shape.
        hidden: Texts to mask: the credentials that were sent.

    Returns:
        At most ``MAX_LENGTH`` characters on one line, without control characters; "" if the body holds no text.
    """
    text = content.decode("utf-8", "replace")
    if is_html(content):
        title = _title(text)
        text = "a web page" if title is None else f"a web page: {unescape(title)}"
    else:
        text = _without_values(_message_in(text))
    for secret in hidden:
        text = text.replace(secret, "***")
    return without_parts(_one_line(redact_text(text)))


def _title(text: str) -> str | None:
    """The title of a web page, from its first beginning to the next end."""
    start = _TITLE.search(text)
    if start is None:
        return None
    _, closing, rest = text[start.end() :].partition(">")
    end = _TITLE_END.search(rest) if closing else None
    return None if end is None else rest[: end.start()]


def _message_in(text: str) -> str:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return _message(value) or text


def _message(value: Any, depth: int = 0) -> str:  # noqa: ANN401 - any JSON
    """Return the most specific message in a JSON value; "" if there is none."""
    if isinstance(value, str):
        return value
    if depth > 5:
        return ""
    if isinstance(value, list):
        return "; ".join(filter(None, (_message(item, depth + 1) for item in value[:5])))
    if not isinstance(value, Mapping):
        return ""
    text = next(filter(None, (_message(value.get(key), depth + 1) for key in _MESSAGE_KEYS)), "")
    place = value.get("loc", value.get("path"))
    if text and isinstance(place, list):
        return f"{'.'.join(str(part) for part in place)}: {text}"
    return text


_MESSAGE_KEYS = ("detail", "message", "msg", "issues", "error")
"""Members that hold a message, the most specific first; ``details`` is not read: on some servers it holds SQL."""


def _without_values(text: str) -> str:
    found = _FAILED.search(text)
    instance = found and _INSTANCE.search(text, found.end())
    if not found or not instance:
        return text.partition("On instance")[0]
    check, place = found[1], instance[1]
    path = ".".join(part.strip('"') for part in place[1:-1].split("][")) or "the request"
    complaint = text[: found.start()].rstrip()
    if check in _ABOUT_NAMES:
        return f"{path}: {complaint}"
    _, phrase, rest = complaint.rpartition(_COMPLAINTS.get(check, "\n"))
    return f"{path} {phrase}{rest}" if phrase else f"{path} does not pass the check “{check}”"


def _one_line(text: str) -> str:
    shown = "".join(
        " "
        if character.isspace()
        else "\N{REPLACEMENT CHARACTER}"
        if unicodedata.category(character)[0] == "C"
        else character
        for character in text[: 4 * MAX_LENGTH]
    )
    shown = " ".join(shown.split())
    return shown if len(shown) <= MAX_LENGTH else shown[: MAX_LENGTH - 1] + "…"
