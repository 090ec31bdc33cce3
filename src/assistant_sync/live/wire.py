"""Answers of the deployment's API, from bytes to values. Fields that newer servers add are left out, crons excepted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import msgspec

from assistant_sync.errors import BadAnswer
from assistant_sync.model.assistant import Assistant
from assistant_sync.model.cron import Cron
from assistant_sync.model.thread import Thread

if TYPE_CHECKING:
    from assistant_sync.transport import Response

T = TypeVar("T")

_CANONICAL_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class _Row(msgspec.Struct, gc=False):
    assistant_id: str
    graph_id: str
    version: int
    name: str | None = None
    description: str | None = None
    context: dict[str, Any] | msgspec.UnsetType | None = msgspec.UNSET
    config: dict[str, Any] | msgspec.UnsetType | None = msgspec.UNSET
    metadata: dict[str, Any] | None = None
    created_at: str | None = None
    updated_at: str | None = None
    user_id: str | None = None


class _ThreadRow(msgspec.Struct):
    thread_id: str
    metadata: dict[str, Any] | None = None
    created_at: str | None = None


class _CronFields(msgspec.Struct):
    cron_id: str
    schedule: str = ""


_ONE = msgspec.json.Decoder(_Row)
_MANY = msgspec.json.Decoder(list[_Row])
_ONE_THREAD = msgspec.json.Decoder(_ThreadRow)
_MANY_THREADS = msgspec.json.Decoder(list[_ThreadRow])
_MANY_CRONS = msgspec.json.Decoder(list[_CronFields])
_MANY_OBJECTS = msgspec.json.Decoder(list[dict[str, Any]])
_COUNT = msgspec.json.Decoder(int)


def read_assistant(answer: Response) -> Assistant:
    """One assistant.

    Raises:
        BadAnswer: If it is none; names the field, never the value.
    """
    return _assistant(_parsed(_ONE, answer))


def read_assistants(answer: Response, *, is_light: bool = False) -> list[Assistant]:
    """A page of assistants or of versions.

    Args:
        answer: To a request for them.
        is_light: Whether neither context nor config was asked for: a row that has both all the same is whole.

    Raises:
        BadAnswer: If it is none; names the field, never the value.
    """
    rows = _parsed(_MANY, answer)
    if not is_light:
        return [_assistant(row) for row in rows]
    return [_assistant(row, is_whole=msgspec.UNSET not in (row.context, row.config)) for row in rows]


def read_thread(answer: Response) -> Thread:
    """One thread.

    Raises:
        BadAnswer: If it is none; names the field, never the value.
    """
    return _thread(_parsed(_ONE_THREAD, answer))


def read_threads(answer: Response) -> list[Thread]:
    """A page of threads.

    Raises:
        BadAnswer: If it is none; names the field, never the value.
    """
    return [_thread(row) for row in _parsed(_MANY_THREADS, answer)]


def read_crons(answer: Response) -> list[Cron]:
    """A page of crons.

    Raises:
        BadAnswer: If it is none; names the field, never the value.
    """
    fields, rows = _parsed(_MANY_CRONS, answer), _parsed(_MANY_OBJECTS, answer)
    return [Cron(cron_id=one.cron_id, schedule=one.schedule, row=row) for one, row in zip(fields, rows, strict=True)]


def read_count(answer: Response) -> int:
    """A number of assistants or of threads.

    Raises:
        BadAnswer: If it is none.
    """
    return _parsed(_COUNT, answer)


def _parsed(decoder: msgspec.json.Decoder[T], answer: Response) -> T:
    try:
        return decoder.decode(answer.content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _parsed_slowly(decoder, answer)


def _parsed_slowly(decoder: msgspec.json.Decoder[T], answer: Response) -> T:
    """Parse what msgspec refuses: a number beyond doubles, which somebody may have stored, is an infinite one here."""
    from pydantic_core import from_json

    try:
        found: T = msgspec.convert(from_json(answer.content, allow_inf_nan=False), decoder.type)
    except msgspec.ValidationError as error:
        reason = str(error).replace("`", "")
    except ValueError:
        reason = "it is no JSON, or holds a number or text that JSON does not have"
    else:
        return found
    message = f"{answer.method} {answer.path} was answered with {answer.status} and no LangGraph API's answer: {reason}"
    hint = "check the target's url; if it is right, this server is too new or too different"
    raise BadAnswer(message, method=answer.method, path=answer.path, status=answer.status, hint=hint)


def _assistant(row: _Row, *, is_whole: bool = True) -> Assistant:
    return Assistant(
        assistant_id=_canonical(row.assistant_id),
        graph_id=row.graph_id,
        name=row.name or "",
        description=row.description or "",
        context=row.context or {},
        config=row.config or {},
        metadata=row.metadata or {},
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
        user_id=row.user_id,
        is_whole=is_whole,
    )


def _thread(row: _ThreadRow) -> Thread:
    return Thread(thread_id=_canonical(row.thread_id), metadata=row.metadata or {}, created_at=row.created_at)


def _canonical(assistant_id: str) -> str:
    """An id in the one spelling of UUIDs; some servers allow other ids, which stay as they are."""
    if _CANONICAL_UUID.fullmatch(assistant_id):
        return assistant_id
    try:
        return str(UUID(assistant_id))
    except ValueError:
        return assistant_id
