"""Server-sent events, decoded from bytes."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.transport import server_events
from assistant_sync.transport.bounded import AnswerTooLarge
from assistant_sync.transport.server_events import EventDecoder, ServerEvent


def decoded(*chunks: bytes) -> list[ServerEvent]:
    decoder = EventDecoder()
    return [event for chunk in chunks for event in decoder.feed(chunk)]


STREAM = (
    b"event: metadata\r\ndata: {}\r\n\r\n"  # the Python server ends lines so
    b": heartbeat\n\n"
    b"id: 7\nevent: values\ndata: {\ndata: }\n\n"
    b"data:no blank\n\n"
    b"event: empty\n\n"
    b"event: last\rdata: \xe2\x80\xa8\r\r"
    b"event: cut off\ndata: x"
)
EVENTS = [
    ServerEvent("metadata", b"{}"),
    ServerEvent("values", b"{\n}"),
    ServerEvent("message", b"no blank"),
    ServerEvent("last", "\u2028".encode()),
]


def test_events_have_a_name_and_their_data_heartbeats_and_ids_are_left_out() -> None:
    assert decoded(STREAM) == EVENTS


@given(st.lists(st.integers(0, len(STREAM)), max_size=8))
def test_it_does_not_matter_where_the_bytes_are_cut(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    assert decoded(*(STREAM[start:end] for start, end in pairwise(edges))) == EVENTS


@given(st.binary(max_size=200))
def test_any_bytes_are_decoded(data: bytes) -> None:
    decoded(data, b"\n\n")


def test_an_event_that_is_too_large_is_not_kept() -> None:
    line = b"x" * 1024
    with pytest.raises(AnswerTooLarge, match="more than 4 MiB"):
        decoded(b"data: ", *[line] * 5_000)
    with pytest.raises(AnswerTooLarge, match="more than 4 MiB"):
        decoded(*[b"data: " + line + b"\n"] * 5_000)
    with pytest.raises(AnswerTooLarge, match="more than 4 MiB"):
        decoded(b"data: " + b"x" * (server_events.MAX_EVENT + 1) + b"\n\n")


def test_a_stream_that_does_not_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_events, "MAX_STREAM", 2**20)
    with pytest.raises(AnswerTooLarge, match="more than 1 MiB"):
        decoded(*[b"data: " + b"x" * 1000 + b"\n\n"] * 2_000)
