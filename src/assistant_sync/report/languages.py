"""The ids of the assistants as what applications read: a JSON object, a .env file, a module of Python or TypeScript."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from rich.text import Text

from assistant_sync.errors import AssistantSyncError
from assistant_sync.report.escape import ascii_json, json_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from assistant_sync.model.outputs import Outputs

_NO_NAME = re.compile("[^A-Z0-9]")


def as_json(outputs: Outputs) -> dict[str, Any]:
    """Make a JSON object: the ids by key."""
    return {one.key: one.assistant_id for one in outputs.assistants}


def as_dotenv(outputs: Outputs) -> Text:
    """Write the lines of a .env file."""
    names = _names(outputs)
    return _text([_comment("#", outputs), *(f"{names[one.key]}={one.assistant_id}" for one in outputs.assistants)])


def as_python(outputs: Outputs) -> Text:
    """Write a Python module: a constant for each assistant, and a mapping by key."""
    names = _names(outputs)
    keys = ", ".join(_quoted(one.key) for one in outputs.assistants)
    lines = [_comment("#", outputs), "", f"from typing import Final{', Literal' if keys else ''}", ""]
    lines += [f"AssistantKey = Literal[{keys}]" if keys else "AssistantKey = str", ""]
    lines += [f"{names[one.key]}: Final = {_quoted(one.assistant_id)}" for one in outputs.assistants]
    lines += ["", "ASSISTANTS: Final[dict[AssistantKey, str]] = {"]
    lines += [f"    {_quoted(one.key)}: {names[one.key]}," for one in outputs.assistants]
    return _text([*lines, "}"])


def as_typescript(outputs: Outputs) -> Text:
    """Write a TypeScript module: an object by key, and the type of its keys."""
    lines = [_comment("//", outputs), "", "export const assistants = {"]
    lines += [f"  {_quoted(one.key)}: {_quoted(one.assistant_id)}," for one in outputs.assistants]
    return _text([*lines, "} as const;", "", "export type AssistantKey = keyof typeof assistants;"])


LANGUAGES: Mapping[str, Callable[[Outputs], Text | dict[str, Any]]] = {
    "json": as_json,
    "dotenv": as_dotenv,
    "python": as_python,
    "typescript": as_typescript,
}
"""What renders the ids, by what ``outputs --as`` calls it."""


def _names(outputs: Outputs) -> dict[str, str]:
    """The name of a variable for each key.

    Raises:
        AssistantSyncError: Two keys would have the same.
    """
    keys: dict[str, str] = {}
    for one in outputs.assistants:
        name = f"{_NO_NAME.sub('_', one.key.upper())}_ASSISTANT_ID"
        name = f"_{name}" if name[0].isdigit() else name
        other = keys.setdefault(name, one.key)
        if other != one.key:
            message = f"the keys '{other}' and '{one.key}' would both become the variable {name}"
            raise AssistantSyncError(message, hint="--as json and --as typescript have the keys as they are")
    return {key: name for name, key in keys.items()}


def _comment(sign: str, outputs: Outputs) -> str:
    """Where the file came from; the target's name is any text, and JSON keeps it on the line."""
    target = ascii_json(json_text(outputs.target))
    return f"{sign} Made by 'assistant-sync outputs' for {outputs.project} on target {target}; not to edit."


def _quoted(text: str) -> str:
    """A string of JSON without anything but ASCII, which Python and TypeScript read alike."""
    return ascii_json(json_text(text))


def _text(lines: list[str]) -> Text:
    return Text("\n".join(_without_gaps(lines)), no_wrap=True, overflow="ignore")


def _without_gaps(lines: list[str]) -> Iterator[str]:
    """The lines with at most one empty one in a row."""
    for number, line in enumerate(lines):
        if line or (number and lines[number - 1]):
            yield line
