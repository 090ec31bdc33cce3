"""What the official server really does with what the manifests' warnings are about: agent cards and MCP tools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from assistant_sync.manifests.rules.agent_card import agent_card_violations
from assistant_sync.manifests.rules.mcp_tools import tool_name
from tests.manifests.rules.test_agent_card import BROKEN_MODES, GOOD_MODES

if TYPE_CHECKING:
    from tests.servers.official import Deployment

GRAPH = "support_agent"
SETTINGS: list[Any] = [
    None, {}, [], "x", True, False, 1, 0, "", {"a2ui": "true"}, {"other": [1]}, {"a2ui_active": "x"},
    *({field: modes} for field in ("input_modes", "output_modes") for modes in (*BROKEN_MODES, *GOOD_MODES)),
]  # fmt: skip


def mcp(deployment: Deployment, method: str, **params: Any) -> dict[str, Any]:
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    headers = {"Accept": "application/json"}
    answer = httpx.post(f"{deployment.url}/mcp", json=body, headers=headers, timeout=60, trust_env=False)
    answered: dict[str, Any] = answer.raise_for_status().json()
    return answered


def test_the_server_refuses_a_card_exactly_if_a_value_of_it_is_a_warning(deployment: Deployment) -> None:
    assert len(SETTINGS) > 40
    for settings in SETTINGS:
        row = deployment.create(graph_id=GRAPH, name="card", metadata={"a2a": settings})
        address = f"{deployment.url}/.well-known/agent-card.json"
        card = httpx.get(address, params={"assistant_id": row["assistant_id"]}, timeout=60, trust_env=False)
        broken = [one for one in agent_card_violations({"a2a": settings}) if one.path[-1] != "a2ui"]
        assert card.status_code == (400 if broken else 200), settings


@pytest.mark.parametrize("value", ["true", 1, "yes"])
def test_the_server_ignores_a_switch_that_is_no_boolean(value: object, deployment: Deployment) -> None:
    cards = []
    for a2ui in (value, True):
        row = deployment.create(graph_id=GRAPH, name="card", metadata={"a2a": {"a2ui": a2ui}})
        address = f"{deployment.url}/.well-known/agent-card.json"
        card = httpx.get(address, params={"assistant_id": row["assistant_id"]}, timeout=60, trust_env=False).json()
        cards.append("application/json+a2ui" in card["defaultInputModes"])
    assert cards == [False, True]


@pytest.mark.parametrize(
    "names", [("Support bot", "Support_bot!"), ("Same", "Same"), ("x" * 128 + "a", "x" * 128 + "b")]
)
def test_two_assistants_that_are_one_tool_cannot_be_called(names: tuple[str, str], deployment: Deployment) -> None:
    for name in names:
        deployment.create(graph_id=GRAPH, name=name)
    tool = tool_name(names[0])
    assert [one["name"] for one in mcp(deployment, "tools/list")["result"]["tools"]].count(tool) == 1
    called = mcp(deployment, "tools/call", name=tool, arguments={"question": "hi"})
    assert called["error"]["message"] == "Multiple tools found with the same name."


def test_an_assistant_with_a_name_of_its_own_can_be_called(deployment: Deployment) -> None:
    deployment.create(graph_id=GRAPH, name="Support bot")
    assert "content" in mcp(deployment, "tools/call", name="Support_bot", arguments={"question": "hi"})["result"]


def test_a_name_of_which_nothing_remains_is_a_tool_that_cannot_be_called(deployment: Deployment) -> None:
    deployment.create(graph_id=GRAPH, name="客服")
    assert "" in [one["name"] for one in mcp(deployment, "tools/list")["result"]["tools"]]
    assert mcp(deployment, "tools/call", name="")["error"]["message"] == "Unknown tool: "


def test_a_call_finds_no_assistant_beyond_the_thousand_that_were_created_last(deployment: Deployment) -> None:
    deployment.create(graph_id=GRAPH, name="the-first")
    deployment.create_many({"graph_id": GRAPH, "name": f"later-{index}"} for index in range(1000))
    first = mcp(deployment, "tools/call", name="the-first", arguments={"question": "hi"})
    assert first["error"]["message"] == "Unknown tool: the-first"
    assert "result" in mcp(deployment, "tools/call", name="later-999", arguments={"question": "hi"})
