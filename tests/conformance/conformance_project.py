"""What a scenario stands on: a server, what that server can do, and a user's project in front of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import yaml

from assistant_sync.model.identity import derived_id
from tests.project_fixture import PROJECT, ProjectFixture
from tests.servers.official import Deployment

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.official import Row
    from tests.servers.proxy import Proxy

MOST_ROWS = 1000
"""The largest page of the official server."""

FEW_ROWS = 100
"""A page that every server gives."""

EXACT = 2**53
"""Up to here, every integer is a number of JSON in its own right; beyond, several are the same one."""

STAMP = "assistant_sync"

FIELDS = frozenset({"graph_id", "name", "description", "context", "config", "configurable", "metadata"})
"""What a version consists of; ``config`` is what of it is not ``configurable``."""


class AnyDeployment(Deployment):
    """Plain HTTP that works on every server, sharing no code with the client under test."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        # What an earlier session has left is no default assistant.
        self.defaults = {i: row for i, row in self.defaults.items() if row["metadata"].get("created_by") == "system"}

    def versions(self, assistant_id: str) -> list[Row]:
        """Every version, highest first; none where the assistant does not exist."""
        rows: list[Row] = []
        while True:
            body = {"limit": FEW_ROWS, "offset": len(rows)}
            answer = self._client.post(f"/assistants/{assistant_id}/versions", json=body)
            page = [] if answer.status_code == httpx.codes.NOT_FOUND else answer.raise_for_status().json()
            # Where the offset is ignored, the first page has been all of them.
            new = [row for row in page if row not in rows]
            if not new:
                return sorted(rows, key=lambda row: int(row["version"]), reverse=True)
            rows += new

    def numbers(self, assistant_id: str) -> list[int]:
        """The number of every version, highest first."""
        return [row["version"] for row in self.versions(assistant_id)]

    def content(self, assistant_id: str) -> Row:
        """What an assistant says, in the form of ``content_of``."""
        return content_of(self.get(assistant_id))

    def seen(self, assistant_id: str) -> Row:
        """What a run of the assistant receives; nothing and empty are the same."""
        seen: Row = self.run(assistant_id)["seen"]
        told: Row = normal({key: value or None for key, value in seen.items()})
        return told

    def schemas(self, graph_id: str) -> Row:
        """What the server answers for the schemas of a graph, asked through its default assistant."""
        (own,) = [i for i, row in self.defaults.items() if row["graph_id"] == graph_id]
        found: Row = self._client.get(f"/assistants/{own}/schemas").raise_for_status().json()
        return found

    def try_create(self, **body: Any) -> httpx.Response:
        """Create an assistant, of the support graph where none is named; the answer, whatever it is."""
        return self._client.post("/assistants", json={"graph_id": "support_agent"} | body)

    def try_search(self, **body: Any) -> httpx.Response:
        """Search; the answer, whatever it is."""
        return self._client.post("/assistants/search", json=body)

    def try_cron(self, assistant_id: str, schedule: str) -> httpx.Response:
        """Make a cron; the answer, whatever it is."""
        body = {"assistant_id": assistant_id, "schedule": schedule, "input": {"question": "nightly"}}
        return self._client.post("/runs/crons", json=body)

    def crons(self, assistant_id: str) -> list[Row]:
        """The crons of an assistant."""
        answer = self._client.post("/runs/crons/search", json={"assistant_id": assistant_id, "limit": FEW_ROWS})
        rows: list[Row] = answer.raise_for_status().json()
        return rows

    def try_delete(self, assistant_id: str) -> httpx.Response:
        """Delete an assistant; the answer, whatever it is."""
        return self._client.delete(f"/assistants/{assistant_id}")

    def try_run(self, assistant_id: str) -> httpx.Response:
        """Run the graph; the answer, whatever it is."""
        body = {"assistant_id": assistant_id, "input": {"question": "hi"}}
        return self._client.post("/runs/wait", json=body)

    def _search(self, offset: int) -> list[Row]:
        body = {"limit": FEW_ROWS, "offset": offset, "sort_by": "assistant_id", "sort_order": "asc"}
        page: list[Row] = self.try_search(**body).raise_for_status().json()
        return page


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities:
    """What a server is seen to do; scenarios expect by this, never by its name.

    Attributes:
        page: The most rows that it gives at once.
        mirrors: Whether it copies ``context`` into ``config.configurable``.
        restored: The parts of a version, of ``FIELDS``, that come back when the pointer moves to it.
        keeps_equal_configs: Whether one graph may have two assistants with equal config.
        tells_true_from_one: Whether an update that only makes ``true`` of ``1`` takes effect.
        has_runs: Whether it runs graphs.
        shows_graphs: Whether it refuses a search by a graph that it does not serve.
    """

    page: int
    mirrors: bool
    restored: frozenset[str]
    keeps_equal_configs: bool
    tells_true_from_one: bool
    has_runs: bool
    shows_graphs: bool

    @property
    def restores_all(self) -> bool:
        """Whether a moved pointer brings back a version whole."""
        return self.restored == FIELDS


def measure(deployment: AnyDeployment) -> Abilities:
    """Find out what a server can do; leaves nothing behind."""
    deployment.wipe()
    first = {
        "graph_id": "support_agent", "name": "One", "description": "one", "context": {"model": "one"},
        "config": {"tags": ["one"]}, "metadata": {"team": "one"},
    }  # fmt: skip
    second = {
        "graph_id": "research_agent", "name": "Two", "description": "two", "context": {"model": "two"},
        "config": {"tags": ["two"]}, "metadata": {"team": "two"},
    }  # fmt: skip
    own = deployment.create(assistant_id=str(uuid4()), **first)["assistant_id"]
    before = deployment.content(own)
    mirrors = before["configurable"] == before["context"]
    has_runs = deployment.try_run(own).is_success
    equal = deployment.try_create(assistant_id=str(uuid4()), **first)
    deployment.patch(own, **second)
    changed = deployment.content(own)
    deployment.set_latest(own, 1)
    after = deployment.content(own)
    other = deployment.create(assistant_id=str(uuid4()), context={"one": 1})["assistant_id"]
    deployment.patch(other, context={"one": True}, config={"configurable": {}})
    # What is empty at both versions cannot tell; without a mirror, it goes with the rest of the config.
    telling = {field: field if before[field] != changed[field] else "config" for field in FIELDS}
    tells_true_from_one = deployment.content(other)["context"] == normal({"one": True})
    deployment.wipe()
    return Abilities(
        page=MOST_ROWS if deployment.try_search(limit=MOST_ROWS).is_success else FEW_ROWS,
        mirrors=mirrors,
        restored=frozenset(field for field, told in telling.items() if after[told] == before[told]),
        keeps_equal_configs=equal.is_success,
        tells_true_from_one=tells_true_from_one,
        has_runs=has_runs,
        shows_graphs=deployment.try_search(graph_id="no-such-graph").status_code == httpx.codes.NOT_FOUND,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ConformanceProject:
    """One test's project, in front of a server that holds nothing but its default assistants.

    Attributes:
        deployment: Raw requests to the server.
        can: What the server can do.
        wire: What stands between the command line and the server.
        repository: The project, and the command line.
    """

    deployment: AnyDeployment
    can: Abilities
    wire: Proxy
    repository: ProjectFixture

    @staticmethod
    def open(folder: Path, deployment: AnyDeployment, can: Abilities, wire: Proxy) -> ConformanceProject:
        """Begin with an empty project and an empty server."""
        deployment.wipe()
        wire.reset()
        repository = ProjectFixture(folder, wire.url)
        repository.allow_any_context()  # the scenarios send what servers may keep; test_contexts.py has the checks
        return ConformanceProject(deployment=deployment, can=can, wire=wire, repository=repository)

    def wanted(self, key: str, **manifest: Any) -> Row:
        """What the server must say once a manifest is applied, in the form of ``content_of``."""
        config = dict(manifest.get("config", {}))
        configurable, context = config.pop("configurable", {}), manifest.get("context", {})
        if self.can.mirrors:
            configurable = context = configurable or context
        defaults = {"graph_id": "support_agent", "name": key, "description": ""}
        row = {**defaults, **manifest, "context": context, "config": {**config, "configurable": configurable}}
        return content_of({"metadata": {}, **row})

    def manifest(self, key: str, **fields: Any) -> str:
        """As the repository's, with every text in quotes: the library that writes it follows YAML 1.1."""
        self.repository.write(
            f"assistants/{key}.yaml", yaml.dump({"graph_id": "support_agent", **fields}, Dumper=Quoting)
        )
        return derived_id(PROJECT, key)

    def state(self, own: str) -> dict[str, Any]:
        """What the server says of an assistant, and what a plan intends."""
        return {"content": self.deployment.content(own), "plan": self.repository.actions()}

    def reached(self, key: str, **manifest: Any) -> dict[str, Any]:
        """The state once a manifest, the only one, is applied."""
        return {"content": self.wanted(key, **manifest), "plan": {key: "keep"}}

    def seen(self, own: str) -> Row | None:
        """What a run receives; None where the server runs no graphs."""
        return self.deployment.seen(own) if self.can.has_runs else None


class Quoting(yaml.SafeDumper):
    """Writes every text in double quotes and in ASCII."""


Quoting.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"'))


def content_of(row: Row) -> Row:
    """A row's content, where null, empty and absent are the same, and the stamp is left out."""
    config = row.get("config") or {}
    content: Row = normal(
        {
            "graph_id": row["graph_id"],
            "name": row["name"],
            "description": row.get("description") or "",
            "context": row.get("context") or {},
            "config": {key: value for key, value in config.items() if key != "configurable" and not is_empty(value)},
            "configurable": config.get("configurable") or {},
            "metadata": {k: v for k, v in row["metadata"].items() if k != STAMP and v is not None},
        }
    )
    return content


def is_empty(value: Any) -> bool:
    """Whether a value says as much as none."""
    return value is None or value in ("", [], {})


def normal(value: Any) -> Any:
    """A value whose equality in Python is that of JSON: ``1`` is ``1.0``, and ``true`` is not ``1``."""
    match value:
        case dict():
            return {key: normal(inner) for key, inner in value.items()}
        case list():
            return [normal(inner) for inner in value]
        case bool():
            return "(true)" if value else "(false)"
        case float() if value.is_integer():
            return int(value)
        case int() if abs(value) > EXACT:  # PostgreSQL writes out what was sent as 1e300
            return int(float(value))
    return value
