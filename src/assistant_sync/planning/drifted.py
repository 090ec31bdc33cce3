"""Which assistants have drifted: each compared with what assistant-sync wrote last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant_sync.model.drift import Drifted, DriftKind
from assistant_sync.planning.attribution import Attributor
from assistant_sync.planning.canonical import live_content
from assistant_sync.planning.decide import of_time
from assistant_sync.planning.diff import diff
from assistant_sync.planning.ignoring import is_ignored
from assistant_sync.planning.mirroring import align, without_mirror
from assistant_sync.planning.outside_edit import outside_edit
from assistant_sync.planning.own_version import own_version
from assistant_sync.planning.ownership import Owned, Unmanaged
from assistant_sync.redaction import redact, redact_text
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from assistant_sync.model.assistant import Assistant
    from assistant_sync.model.change import FieldChange
    from assistant_sync.model.outcome import OutsideVersion
    from assistant_sync.model.values import Path
    from assistant_sync.planning.three_way import ThreeWay


@dataclass(frozen=True, slots=True)
class Past:
    """What git remembers.

    Attributes:
        applied: The ids that manifests wanted at commits which were applied to this deployment.
    """

    applied: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Found:
    """What a comparison found.

    Attributes:
        drifted: In the order of the keys.
        pending: The keys of those that the manifests want otherwise than we wrote them, or that were never there.
        warnings: What could not be found out.
    """

    drifted: tuple[Drifted, ...]
    pending: tuple[str, ...]
    warnings: tuple[str, ...]


def find_drift(
    assistants: Iterable[ThreeWay],
    past: Past,
    *,
    project: str,
    former_projects: tuple[str, ...] = (),
    unregistered: Collection[str] = (),
    misfits: Mapping[str, str] | None = None,
    literals: Collection[Path] = (),
) -> Found:
    """Find what has drifted.

    Args:
        assistants: All selected ones, with what was observed of them.
        past: What git remembers.
        project: The owner.
        former_projects: The names that it had before.
        unregistered: The graphs that the deployment surely does not register.
        misfits: By key of a manifest, what of it does not fit the schema that its graph has now.
        literals: Paths whose values are no credentials, although they look like some.
    """
    drifted: list[Drifted] = []
    pending: list[str] = []
    warnings: list[str] = []
    for one in sorted(assistants, key=lambda one: (one.key, one.assistant_id)):
        look = _Look(one, past, project, former_projects, literals)
        found, unknown = look.drift(), look.unknown()
        drifted += [*([found] if found else []), *look.without_graph(unregistered), *look.unfit(misfits or {})]
        warnings += [unknown] if unknown else []
        if not (found or unknown) and one.desired is not None and not (one.is_equal or one.is_normalised):
            pending.append(redact_text(one.key))
    return Found(tuple(drifted), tuple(pending), tuple(warnings))


def absent(assistants: Iterable[ThreeWay]) -> tuple[ThreeWay, ...]:
    """Those with a manifest that the deployment does not have, or that carry no stamp: git decides what they were."""
    return tuple(one for one in assistants if one.desired is not None and _may_be_gone(one))


def _may_be_gone(one: ThreeWay) -> bool:
    return one.holder is None and (one.live is None or isinstance(one.live, Unmanaged))


@dataclass(frozen=True, slots=True)
class _Look:
    """A look at one assistant."""

    one: ThreeWay
    past: Past
    project: str
    former_projects: tuple[str, ...]
    literals: Collection[Path]

    def drift(self) -> Drifted | None:
        """How it has drifted; None if it has not, or nobody knows."""
        one = self.one
        match one.live:
            case Owned() as owned if not (one.is_equal or one.is_normalised):
                return self._owned(owned)
            case Unmanaged() as found if one.desired is not None:
                if one.desired.id_is_named and one.assistant_id not in self.past.applied:
                    return None  # it waits for its adoption
                reason = f"is no longer owned: it {found.because}"
                return self._entry(DriftKind.UNSTAMPED, reason, found.row, fields=self._undone_fields())
            case None if one.desired is not None and one.holder is None and one.assistant_id in self.past.applied:
                return self._entry(DriftKind.DELETED, "was deleted outside git", None)
            case _:
                return None

    def without_graph(self, unregistered: Collection[str]) -> Iterator[Drifted]:
        """An entry if the deployment does not register the graph that it runs."""
        owned = self.one.owned
        if owned is not None and owned.row.graph_id in unregistered:
            graph = redact_text(owned.row.graph_id)
            reason = f"runs graph '{graph}', which the deployment does not register: each run fails"
            yield self._entry(DriftKind.GRAPH_GONE, reason, owned.row)

    def unfit(self, misfits: Mapping[str, str]) -> Iterator[Drifted]:
        """An entry if it is as the manifest wants it, and that does not fit the schema of its graph."""
        one = self.one
        if one.owned is not None and (one.is_equal or one.is_normalised) and one.key in misfits:
            reason = f"does not fit the schema that its graph has now: {redact_text(misfits[one.key])}"
            yield self._entry(DriftKind.SCHEMA_CHANGED, reason, one.owned.row)

    def unknown(self) -> str | None:
        """What cannot be found out about it; None if that is nothing."""
        one = self.one
        key = redact_text(one.key)
        if one.owned is not None and not one.is_equal and one.is_as_written is None:
            return f"{key}: its stamp does not show what was written; the next apply of it writes a new one"
        is_absent = one.desired is not None and one.live is None and one.holder is None
        if is_absent and one.assistant_id not in self.past.applied:
            return f"{key}: the deployment does not have it; it was not applied yet, or was deleted outside git"
        return None

    def _owned(self, owned: Owned) -> Drifted | None:
        row = owned.row
        edit = outside_edit(self.one)
        if edit is not None and edit.is_taken_over:
            return None
        moved = f"was set to version {row.version} outside git"
        if self.one.is_accepted:
            return None
        if owned.stamp.rollback is not None and self.one.is_as_written:
            when = of_time(row.updated_at).removeprefix(" of ")
            reason = f"was rolled back to version {owned.stamp.rollback} on purpose{when and f' ({when})'}"
            return self._entry(DriftKind.ROLLED_BACK, reason, row, fields=self._undone_fields())
        if self.one.is_as_written is not False:
            if not self.one.is_on_earlier_write:
                return None
            return self._since(owned, DriftKind.MOVED, moved)
        if row.version < owned.highest_version:
            return self._since(owned, DriftKind.MOVED, moved)
        return self._since(owned, DriftKind.EDITED, "was edited outside git")

    def _since(self, owned: Owned, kind: DriftKind, reason: str) -> Drifted:
        """What happened since our last write."""
        ours = self.one.accepted or _last_own_version(owned)
        if ours is None:
            return self._entry(kind, f"{reason}; the version that was applied last is not known", owned.row)
        reads_configurable = _reads_configurable(self.one, ours)
        attributor = Attributor(
            self.project, self.one.mirroring, reads_configurable, former_projects=self.former_projects
        )
        versions = attributor.attribute_since(owned.versions, ours, owned.row, above=ours.version)
        fields = self._fields(ours, owned)
        return self._entry(kind, _with_numbers(reason, kind, len(versions)), owned.row, ours, versions, fields)

    def _fields(self, ours: Assistant, owned: Owned) -> tuple[FieldChange, ...]:
        """From what we wrote to what is live, in the fields that git owns."""
        keys = {*owned.stamp.metadata_keys, *owned.last_written.metadata_keys}
        written = without_mirror(live_content(ours, keys), self.one.mirroring)
        compared = align(written, live_content(owned.row, keys), self.one.mirroring)
        ignored = () if self.one.desired is None else self.one.desired.ignored
        return redact([field for field in diff(*compared) if not is_ignored(field, ignored)], self.literals)

    def _undone_fields(self) -> tuple[FieldChange, ...]:
        """From what git wants to what a rollback brought back."""
        compared = self.one.comparison
        return () if compared is None else redact(diff(compared.desired, compared.live), self.literals)

    def _entry(
        self,
        kind: DriftKind,
        reason: str,
        row: Assistant | None,
        ours: Assistant | None = None,
        versions: Sequence[OutsideVersion] = (),
        fields: Sequence[FieldChange] = (),
    ) -> Drifted:
        one, owned = self.one, self.one.owned
        source = one.desired.source if one.desired is not None else None if owned is None else owned.stamp.source
        name = row.name if row is not None else one.desired.content.name if one.desired is not None else one.key
        commit = None if owned is None or one.accepted is not None else owned.last_written.commit
        return Drifted(
            kind=kind,
            key=redact_text(one.key),
            assistant_id=one.assistant_id,
            name=redact_text(name),
            source=None if source is None else redact_text(source),
            reason=redact_text(reason),
            version=None if row is None else row.version,
            written_version=None if ours is None else ours.version,
            commit=None if commit is None else redact_text(commit),
            versions=tuple(versions),
            fields=tuple(fields),
            has_manifest=one.desired is not None,
            is_mixed=kind not in (DriftKind.GRAPH_GONE, DriftKind.SCHEMA_CHANGED) and _is_mixed(one),
        )


def _last_own_version(owned: Owned) -> Assistant | None:
    """The version that our last write made, a rollback included; None if its versions do not show it."""
    write = owned.last_written.write
    return None if write is None else own_version(owned.versions, write)


def _with_numbers(reason: str, kind: DriftKind, versions: int) -> str:
    return f"{reason} in {plural(versions, 'version')}" if kind is DriftKind.EDITED and versions > 1 else reason


def _is_mixed(one: ThreeWay) -> bool:
    edit = outside_edit(one)
    return edit is not None and edit.is_mixed


def _reads_configurable(one: ThreeWay, ours: Assistant) -> bool:
    """Whether the graph reads ``config.configurable``, as the manifest or else our own write shows."""
    if one.desired is not None:
        return bool(one.desired.content.configurable)
    return not ours.context and bool(ours.config.get("configurable"))
