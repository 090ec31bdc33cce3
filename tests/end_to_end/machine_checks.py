"""What must hold of a plan and of an apply, whatever went wrong meanwhile; judged by the server and the wire alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.end_to_end.machine_truth import STAMP, content, is_owned, own_id, same, stamp_of, wanted, write_of
from tests.end_to_end.machine_world import target_of
from tests.project_fixture import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.end_to_end.machine_world import Record, Sight
    from tests.project_fixture import Run
    from tests.servers.official import Row
    from tests.servers.proxy import Request

Manifest = dict[str, Any]

MINTS = {"create": 1, "update": 1, "adopt": 1, "activate": 0}
"""Versions that a change makes."""

DONE = {"create": "created", "update": "updated", "adopt": "adopted", "delete": "deleted", "activate": "activated"}
"""How an outcome calls a change that is made."""

SENDS = {
    "create": {"POST"},
    "update": {"PATCH"},
    "adopt": {"PATCH"},
    "activate": {"POST latest"},
    "delete": {"DELETE"},
}
"""What may be sent for a change; an activation that somebody else's write made a mix of is healed by a PATCH."""

CODES = {0, 1, 5, 6, 7, 8, 9, 130, 143}


@dataclass(frozen=True)
class Attempt:
    """An apply, and what was before and after it.

    Attributes:
        manifests: What it was to make true, by key.
        planned: What the plan just before it said, by id; ``refuse`` among them.
        run: How it ended.
        record: What went over the wire.
        before: What the server held.
        after: What it holds now, everything late included.
        sees_all: Whether it saw what the plan saw.
        is_killed: Whether it had no chance to report.
        is_blind: Whether the deployment seemed to be empty, without a contradiction.
    """

    manifests: Mapping[str, Manifest]
    planned: Mapping[str, str]
    run: Run
    record: Record
    before: Sight
    after: Sight
    sees_all: bool = True
    is_killed: bool = False
    is_blind: bool = False

    @property
    def is_refused(self) -> bool:
        """Whether the plan said that nothing may be done."""
        return "refuse" in self.planned.values()

    @property
    def outcomes(self) -> dict[str, dict[str, Any]]:
        """What it reported of each change, by id; none where it ended before the first write."""
        return {} if self.is_killed else {one["assistant_id"]: one for one in self.run.json.get("outcomes", ())}

    @property
    def actions(self) -> dict[str, str]:
        """What it said that it would do, by id."""
        if self.is_killed:
            return {one: action for one, action in self.planned.items() if action in SENDS}
        return {one: outcome["action"] for one, outcome in self.outcomes.items()}

    def check(self) -> None:
        """Everything that must hold, whatever happened."""
        if not self.is_killed:
            assert self.run.code in CODES, self.run
            assert self.run.code in (6, 130, 143) or not self.is_refused or not self.sees_all, self.run
        if self.sees_all and self.outcomes:
            assert self.actions == {one: action for one, action in self.planned.items() if action in SENDS}
        self._check_sent()
        self._check_untouched()
        self._check_duplicates()
        for one in {*self.actions, *self.outcomes}:
            self._check_versions(one)
        if self.run.code == 0:
            # It speaks of its own changes alone, and not of what others do after its last look.
            strange = self.record.touched if self.record.is_anytime else self.record.touched - self.actions.keys()
            check_state(self.after, {k: v for k, v in self.manifests.items() if id_of(k, v) not in strange})

    def minted(self, assistant_id: str) -> int:
        """The versions that it made, those of others left out."""
        grown = self.after.count(assistant_id) - self.before.count(assistant_id)
        return grown - len(self.record.outside.get(assistant_id, ()))

    def may_heal(self, assistant_id: str) -> bool:
        """Whether an activation may have met somebody else's write, which makes a mix of two versions."""
        return self.actions.get(assistant_id) == "activate" and assistant_id in self.record.outside

    def mints(self, assistant_id: str, outcome: dict[str, Any] | None) -> int:
        """The versions that a change makes, or at most makes where it has no outcome."""
        heals = self.may_heal(assistant_id) and (outcome is None or outcome["healed_from"] is not None)
        return 1 if heals else MINTS[self.actions[assistant_id]]

    def _check_sent(self) -> None:
        """Nothing was sent that was not said, and nothing twice that takes effect twice."""
        sent = Counter[tuple[str, str]]()
        for request, got in self.record.exchanges:
            if not request.is_write:
                continue
            assistant_id, kind = target_of(request), kind_of(request)
            action = self.actions.get(assistant_id, "")
            heals = {"PATCH"} if self.may_heal(assistant_id) else set()
            assert kind in SENDS.get(action, set()) | heals, (kind, assistant_id, self.actions)
            if got is None or got.status != 429:
                sent[assistant_id, kind] += 1
        for (assistant_id, kind), times in sent.items():
            assert times == 1 or kind in ("POST", "DELETE"), (assistant_id, kind, times)

    def _check_untouched(self) -> None:
        """What it did not say that it would change is as it was, to the last field."""
        free = {*self.actions, *self.record.touched}
        assert without(self.after.rows, free) == without(self.before.rows, free)
        for one in self.actions.keys() & self.before.rows.keys() & self.after.rows.keys() - self.record.touched:
            owned = {*owned_keys(self.before.rows[one]), *owned_keys(self.after.rows[one])}
            mine, now = (unowned(sight.rows[one], owned) for sight in (self.before, self.after))
            assert same(mine, now), (one, mine, now)

    def _check_duplicates(self) -> None:
        """No key has a second assistant, but one that is to be deleted because the key's manifest names another.

        An assistant under another id cannot be known to one that is shown an empty deployment; the next plan has it.
        """
        if not self.record.touched:
            staying = [one for one in self.after.owned if self.planned.get(one) != "delete"]
            unseen = {stamp_of(row)["key"] for row in self.before.owned.values()} if self.is_blind else set()
            assert twice(self.after.rows[one] for one in staying) <= twice(self.before.owned.values()) | unseen

    def _check_versions(self, assistant_id: str) -> None:
        """A change made at most one version, and its report is true."""
        action, outcome = self.actions[assistant_id], self.outcomes.get(assistant_id)
        told = (action, outcome, self.before.versions.get(assistant_id), self.after.versions.get(assistant_id))
        is_there = assistant_id in self.after.rows
        if action == "delete":
            if outcome is not None and outcome["status"] != "unconfirmed":
                assert is_there == (outcome["status"] != "deleted"), told
            assert not is_there or self.minted(assistant_id) == 0, told
            return
        minted = self.minted(assistant_id)
        if not is_there and assistant_id in self.record.touched:
            return
        mints = self.mints(assistant_id, outcome)
        assert 0 <= minted <= mints, told
        if outcome is None or outcome["status"] == "unconfirmed":
            return
        if outcome["status"] != ("updated" if mints > MINTS[action] else DONE[action]):
            assert minted == 0, told
            return
        assert minted == mints, told
        assert outcome["version_after"] is not None, told
        self._check_content(assistant_id, outcome)

    def _check_content(self, assistant_id: str, outcome: dict[str, Any]) -> None:
        """The version that it says is live has all that the manifest wants, and names who came between."""
        numbers = {row["version"]: row for row in self.after.versions[assistant_id]}
        row, key = numbers[outcome["version_after"]], outcome["key"]
        found, desired = content(row, self.manifests[key].get("metadata") or {}), wanted(key, self.manifests[key])
        assert same(found, desired), (found, desired)
        outside = self.record.outside.get(assistant_id, [])
        if self.mints(assistant_id, outcome):
            assert all(
                write_of(other) != write_of(row) for other in numbers.values() if other["version"] < row["version"]
            )
            between = [number for number in outside if number < row["version"]]
            assert outcome["outside_versions"] == between or set(between) <= {outcome["version_before"]}, (
                outcome,
                outside,
            )
        if not outside:
            assert self.after.rows[assistant_id]["version"] == outcome["version_after"]


def kind_of(request: Request) -> str:
    """The method of a write; a pointer that is moved is told apart."""
    return "POST latest" if request.path.endswith("/latest") else request.method


def id_of(key: str, manifest: Manifest) -> str:
    """The id that a manifest names or derives."""
    return str(manifest.get("assistant_id") or own_id(PROJECT, key))


def owned_keys(row: Row) -> list[str]:
    """The metadata keys that a row's stamp owns."""
    keys: list[str] = stamp_of(row).get("metadata_keys") or []
    return keys


def unowned(row: Row, keys: Iterable[str]) -> dict[str, Any]:
    """The metadata that is nobody's of ours."""
    return {name: value for name, value in row["metadata"].items() if name not in {*keys, STAMP}}


def without(rows: Mapping[str, Row], ids: Iterable[str]) -> dict[str, Row]:
    """The rows but some."""
    return {one: row for one, row in rows.items() if one not in ids}


def twice(owned: Iterable[Row]) -> set[str]:
    """The keys that more than one of the project's assistants has."""
    keys = Counter(stamp_of(row)["key"] for row in owned)
    return {key for key, times in keys.items() if times > 1}


def check_state(sight: Sight, manifests: Mapping[str, Manifest]) -> None:
    """The server has all that the manifests want."""
    for key, manifest in manifests.items():
        row = sight.rows[id_of(key, manifest)]
        assert is_owned(row, PROJECT)
        keys = {*owned_keys(row), *(manifest.get("metadata") or {})}
        found, desired = content(row, keys), wanted(key, manifest)
        assert is_same(found, desired), (key, found, desired)


def is_same(found: dict[str, Any], desired: dict[str, Any]) -> bool:
    """Whether contents are the same; a mirror that somebody has emptied may not tell a difference."""
    return same(found, desired) or same({**found, "configurable": found["configurable"] or found["context"]}, desired)


def check_plan(planned: Mapping[str, str], sight: Sight, manifests: Mapping[str, Manifest]) -> None:
    """A plan says what follows from what is wanted and what is there."""
    expected = expected_actions(sight, manifests)
    assert planned.keys() == expected.keys(), (planned, expected)
    for one, action in planned.items():
        assert action in expected[one], (one, action, expected[one], sight.rows.get(one))


def expected_actions(sight: Sight, manifests: Mapping[str, Manifest]) -> dict[str, set[str]]:
    """What a plan with pruning may say of each assistant, by id."""
    owned = sight.owned
    ids = {id_of(key, manifest): key for key, manifest in manifests.items()}
    strays = {one: stamp_of(row)["key"] for one, row in owned.items() if one not in ids}
    expected: dict[str, set[str]] = {}
    for assistant_id, key in ids.items():
        row = sight.rows.get(assistant_id)
        if assistant_id not in owned and key in strays.values():
            expected[assistant_id] = {"refuse"}
        elif row is None:
            expected[assistant_id] = {"create"}
        elif assistant_id in owned:
            expected[assistant_id] = _of_owned(row, key, manifests[key])
        else:
            expected[assistant_id] = {"adopt" if "assistant_id" in manifests[key] else "refuse"}
    for assistant_id, key in strays.items():
        is_awaited = key in manifests and id_of(key, manifests[key]) not in owned
        expected[assistant_id] = {"orphan" if is_awaited else "delete"}
    return expected


def _of_owned(row: Row, key: str, manifest: Manifest) -> set[str]:
    found = content(row, {*owned_keys(row), *(manifest.get("metadata") or {})})
    desired = wanted(key, manifest)
    if same(found, desired):
        return {"keep"}
    return {"update", "activate"} | ({"keep"} if is_same(found, desired) else set())
