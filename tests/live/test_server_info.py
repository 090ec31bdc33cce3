from __future__ import annotations

import json
from typing import Any

import pytest

from assistant_sync.live.server_info import identify
from assistant_sync.model.deployment import Server
from assistant_sync.transport import Response


def identified(info: Any) -> Server | None:
    content = info if isinstance(info, bytes) else json.dumps(info).encode()
    return identify(Response("GET", "/info", 200, content))


@pytest.mark.parametrize(
    ("info", "server"),
    [
        (
            {"version": "0.16.7", "langgraph_py_version": "1.2.22", "host": {"kind": "self-hosted"}},
            Server("LangGraph API server", "0.16.7", "langgraph 1.2.22"),
        ),
        (
            {"version": "1.5.1", "langgraph_js_version": "1.7.3", "context": "js"},
            Server("LangGraph API server (JavaScript)", "1.5.1", "@langchain/langgraph 1.7.3"),
        ),
        ({"version": "0.16.0", "context": "js"}, Server("LangGraph API server (JavaScript)", "0.16.0")),
        ({"name": "Aegra", "version": "0.11.0"}, Server("Aegra", "0.11.0")),
    ],
)
def test_servers_are_named_as_they_name_themselves(info: dict[str, Any], server: Server) -> None:
    assert identified(info) == server


@pytest.mark.parametrize("info", [{}, {"version": "1"}, {"name": 7}, [], "x", 1, None, b"{", b""])
def test_what_does_not_name_itself_is_nobody(info: Any) -> None:
    assert identified(info) is None


def test_a_long_name_is_cut() -> None:
    server = identified({"name": "x" * 1000, "version": "y" * 1000})
    assert server == Server("x" * 80, "y" * 80)
