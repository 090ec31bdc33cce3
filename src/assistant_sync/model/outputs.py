"""What applications need of the assistants: ids that are known before the first apply, and addresses."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

_STUDIO = "https://smith.langchain.com/studio/?baseUrl="
"""What ``langgraph dev`` prints before its own URL (langgraph_api/cli.py)."""


@dataclass(frozen=True, slots=True)
class AssistantOutput:
    """One assistant of the manifests.

    Attributes:
        key: Its key.
        assistant_id: Its id on the target.
        graph_id: The graph that it runs.
        name: Its display name.
        source: The manifest's path.
    """

    key: str
    assistant_id: str
    graph_id: str
    name: str
    source: str


@dataclass(frozen=True, slots=True)
class Outputs:
    """All assistants of the manifests, for one target.

    Attributes:
        project: The project's name.
        target: The target's name.
        url: The deployment, normalised.
        assistants: Sorted by key.
    """

    project: str
    target: str
    url: str
    assistants: tuple[AssistantOutput, ...]

    @property
    def mcp(self) -> str:
        """The address at which every assistant of the deployment is a tool."""
        return f"{self.url}/mcp"

    @property
    def studio(self) -> str:
        """The address of Studio, connected to the deployment."""
        return f"{_STUDIO}{quote(self.url, safe='')}"

    def a2a(self, assistant_id: str) -> str:
        """The address at which an assistant is an A2A agent."""
        return f"{self.url}/a2a/{assistant_id}"

    def agent_card(self, assistant_id: str) -> str:
        """The address of that agent's card."""
        return f"{self.url}/.well-known/agent-card.json?assistant_id={assistant_id}"
