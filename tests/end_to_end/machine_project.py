"""One project among others on a server: its repository, random changes to it, and what must hold after each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from tests.end_to_end.machine_truth import STAMP, content, is_lock, is_owned, own_id, same, stamp_of, wanted, write_of
from tests.project_fixture import ProjectFixture
from tests.servers.proxy import READ_POSTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path
    from random import Random

    from tests.servers.official import Deployment, Row
    from tests.servers.proxy import Proxy, Request

APPLY = ("apply", "--format", "json", "--prune", "--allow-deletes", "99")

KEYS = tuple(f"k{number}" for number in range(8))

KINDS = ("create", "create", "update", "update", "update", "retouch", "activate", "activate", "adopt", "delete")

Manifest = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """What one key is to go through.

    Attributes:
        kind: As the plan calls it.
        assistant_id: Whose.
        versions: How many versions the assistant has afterwards; 0 for none at all.
        active: The version that is active then; None where it is not known before.
    """

    kind: str
    assistant_id: str
    versions: int
    active: int


class MachineProject:
    """A project, the assistants that it owns, and some on the same server that it does not own.

    Args:
        folder: An empty one.
        deployment: The server.
        wire: What commands go through.
        project: A name that no other project on the server has.
        random: Where changes come from.
        target: Further settings of the target.
    """

    def __init__(
        self, folder: Path, deployment: Deployment, wire: Proxy, project: str, random: Random, **target: Any
    ) -> None:
        self.deployment = deployment
        self.wire = wire
        self.project = project
        self.repository = ProjectFixture(folder, wire.url, project=project, archive="archive", **target)
        self.repository.allow_any_context()
        self.random = random
        self.manifests: dict[str, Manifest] = {}
        self.ids: dict[str, str] = {}
        self._count = 0
        self._bystanders = self._make_bystanders()

    def change(self, kinds: Iterable[str] = KINDS) -> dict[str, Change]:
        """Change some manifests at random, and commit.

        Args:
            kinds: What may happen to a key; the more often one is named, the more often it does.

        Returns:
            What each changed key is to go through.
        """
        changes: dict[str, Change] = {}
        make: dict[str, Callable[[str], Change | None]] = {
            "create": self._create, "update": self._update, "retouch": self._retouch,
            "activate": self._activate, "adopt": self._adopt, "delete": self._delete,
        }  # fmt: skip
        while not changes:
            for key in self.random.sample(KEYS, self.random.randint(2, 6)):
                change = make[self.random.choice(list(kinds))](key)
                if change is not None:
                    changes[key] = change
        self._write(changes)
        self.repository.commit()
        return changes

    def go_back(self, commit: str, manifests: Mapping[str, Manifest], ids: Mapping[str, str]) -> None:
        """Check an earlier commit out."""
        self.repository.git("checkout", "-q", "--detach", commit)
        self.manifests, self.ids = dict(manifests), dict(ids)

    def counts(self) -> dict[str, int]:
        """How many versions each assistant of the project has."""
        return {row["assistant_id"]: len(self.deployment.versions(row["assistant_id"])) for row in self.owned()}

    def owned(self) -> list[Row]:
        """The rows that carry the project's stamp as their own."""
        return [row for row in self.deployment.all() if is_owned(row, self.project)]

    def locks(self) -> list[Row]:
        """The project's locks."""
        return [row for row in self.deployment.locks() if is_lock(row, self.project)]

    def check_changes(self, changes: Mapping[str, Change]) -> None:
        """Each change is made once, and in full."""
        for key, change in changes.items():
            versions = self.deployment.versions(change.assistant_id)
            told = (key, change, [(row["version"], write_of(row)) for row in versions])
            assert len(versions) == change.versions, told
            if change.versions:
                assert [row["version"] for row in versions] == list(range(change.versions, 0, -1)), told
                assert self.deployment.get(change.assistant_id)["version"] == change.active, told
            else:
                assert not self.deployment.exists(change.assistant_id), told

    def check_state(self) -> None:
        """The server has what the manifests want, each assistant once, and everything else is as it was."""
        rows = self.deployment.all()
        mine = [row for row in rows if stamp_of(row).get("project") == self.project]
        keys = sorted((stamp_of(row)["key"], row["assistant_id"]) for row in mine if is_owned(row, self.project))
        assert keys == sorted((key, self.ids[key]) for key in self.manifests)
        by_id = {row["assistant_id"]: row for row in rows}
        for key, manifest in self.manifests.items():
            row = by_id[self.ids[key]]
            found, desired = content(row, manifest.get("metadata", {})), wanted(key, manifest)
            assert same(found, desired), (key, found, desired)
            assert "assistant_id" not in manifest or row["metadata"]["by"] == "hand"
        assert {one: by_id.get(one) for one in self._bystanders} == self._bystanders

    def _make_bystanders(self) -> dict[str, Row]:
        stamp: dict[str, Any] = {
            "project": self.project,
            "target": "local",
            "key": "k0",
            "digest": None,
            "write": "w",
            "version": 1,
        }
        stamp |= {"commit": None, "source": "assistants/k0.yaml", "metadata_keys": []}
        rows = [
            self.deployment.create(name="k0", context={"by": "hand"}),
            self.deployment.create(name="k1", metadata={STAMP: stamp | {"id": own_id(self.project, "k0")}}),
            self.deployment.create(
                assistant_id=own_id(f"{self.project}-2", "k0"),
                metadata={STAMP: stamp | {"project": f"{self.project}-2", "id": own_id(f"{self.project}-2", "k0")}},
            ),
        ]
        rows[0] = self.deployment.patch(rows[0]["assistant_id"], name="k0 again")
        return {row["assistant_id"]: row for row in (*rows, *self.deployment.defaults.values())}

    def _draft(self, **fields: Any) -> Manifest:
        self._count += 1
        drawn = {
            "graph_id": self.random.choice(["support_agent", "research_agent"]),
            "description": f"edition {self._count}",
            "context": {"model_name": self.random.choice("abc"), "nth": self._count},
            "config": {"recursion_limit": self._count, "tags": [f"t{self._count}"]},
            "metadata": {"team": self.random.choice(["cx", "ml"])},
        }
        return drawn | fields

    def _create(self, key: str) -> Change | None:
        if key in self.manifests:
            return None
        self._set(key, self._draft(), own_id(self.project, key))
        return Change("create", self.ids[key], 1, 1)

    def _update(self, key: str, **fields: Any) -> Change | None:
        if key not in self.manifests:
            return None
        former = self.manifests[key]
        kept = {"assistant_id": former["assistant_id"]} if "assistant_id" in former else {}
        self._set(key, self._draft(**kept, **fields), self.ids[key])
        highest = len(self.deployment.versions(self.ids[key])) + 1
        return Change("update", self.ids[key], highest, highest)

    def _retouch(self, key: str) -> Change | None:
        """An update that leaves the context, so that it can be taken back by an activation."""
        if key not in self.manifests:
            return None
        former = self.manifests[key]
        return self._update(key, graph_id=former["graph_id"], context=former["context"])

    def _activate(self, key: str) -> Change | None:
        """Go back to an earlier version that differs from the live one in what every server restores."""
        if key not in self.manifests:
            return None
        versions = self.deployment.versions(self.ids[key])
        if not versions:
            return self._retouch(key)
        live = self.deployment.get(self.ids[key])
        for version in versions:
            if not is_owned(version, self.project) or version["version"] == live["version"]:
                continue
            if (version["graph_id"], version["context"]) != (live["graph_id"], live["context"]):
                continue
            if {**version["metadata"], STAMP: 0} == {**live["metadata"], STAMP: 0}:
                fields = {name: version[name] for name in ("graph_id", "description", "context")}
                config = {name: version["config"][name] for name in ("recursion_limit", "tags")}
                metadata = {"team": version["metadata"]["team"]}
                self._set(key, self.manifests[key] | fields | {"config": config, "metadata": metadata}, self.ids[key])
                return Change("activate", self.ids[key], len(versions), version["version"])
        return self._retouch(key)

    def _adopt(self, key: str) -> Change | None:
        if key in self.manifests:
            return None
        row = self.deployment.create(name=f"by hand {key}", context={"x": 1}, metadata={"by": "hand"})
        self._set(key, self._draft(assistant_id=row["assistant_id"]), row["assistant_id"])
        return Change("adopt", row["assistant_id"], 2, 2)

    def _delete(self, key: str) -> Change | None:
        if key not in self.manifests:
            return None
        del self.manifests[key]
        return Change("delete", self.ids.pop(key), 0, 0)

    def _set(self, key: str, manifest: Manifest, assistant_id: str) -> None:
        self.manifests[key] = manifest
        self.ids[key] = assistant_id

    def _write(self, changes: Mapping[str, Change]) -> None:
        for key, change in changes.items():
            if change.kind == "delete":
                self.repository.remove(key)
            else:
                self.repository.write(f"assistants/{key}.yaml", yaml.safe_dump(self.manifests[key], sort_keys=False))


def lock_writes(proxy: Proxy) -> list[Request]:
    """What may have changed a lock row."""
    locks = [request for request in proxy.requests if request.is_lock]
    return [request for request in locks if request.method != "GET" and not request.path.endswith(READ_POSTS)]
