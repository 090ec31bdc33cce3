"""The history of one assistant, read off its versions: who made each, and what it changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assistant_sync.model.history import Effect, VersionEntry
from assistant_sync.model.outcome import Attribution
from assistant_sync.model.stamp import STAMP_KEY
from assistant_sync.planning.attribution import Attributor
from assistant_sync.planning.drift import is_as_written
from assistant_sync.planning.equality import same_json
from assistant_sync.planning.mirroring import mirroring_of
from assistant_sync.planning.own_version import own_versions, stamp_of_own_write
from assistant_sync.redaction import redact_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from assistant_sync.model.assistant import Assistant
    from assistant_sync.model.provenance import CommitFacts
    from assistant_sync.model.stamp import Stamp
    from assistant_sync.model.values import Path
    from assistant_sync.planning.ownership import Owned


@dataclass(frozen=True, slots=True)
class VersionReader:
    """Reads the versions of one assistant.

    Attributes:
        owned: The assistant with all its versions.
        attributor: Of this project.
        own: What ``own_versions`` makes of the versions.
    """

    owned: Owned
    attributor: Attributor
    own: Mapping[str, Assistant] = field(repr=False)

    @classmethod
    def of(cls, owned: Owned, project: str, former_projects: tuple[str, ...] = ()) -> VersionReader:
        """The one for an assistant with all its versions."""
        attributor = Attributor(project, mirroring_of(owned), former_projects=former_projects)
        return cls(owned, attributor, own_versions(owned.versions))

    def newest(self, limit: int) -> tuple[Assistant, ...]:
        """The versions with the highest numbers, highest first."""
        return self._ordered[:limit]

    def stamp_of(self, row: Assistant) -> Stamp | None:
        """The stamp of a version that an apply of this project made; None if somebody outside of git made it."""
        attributor = self.attributor
        stamp = stamp_of_own_write(row, attributor.project, self.own, attributor.former_projects)
        if stamp is None or is_as_written(row, stamp, attributor.mirroring) is not False:
            return stamp
        # A server may keep other metadata than was sent, as authorisation handlers do; its number is the write's own.
        return stamp if stamp.version == row.version else None

    def entries(self, rows: Sequence[Assistant], commits: Mapping[str, CommitFacts]) -> tuple[VersionEntry, ...]:
        """Make the entries of some versions.

        Args:
            rows: Of the versions.
            commits: Those of their stamps' commits that the repository has, by what the stamps call them.
        """
        ordered = self._ordered
        before = dict(zip((row.version for row in ordered), (*ordered, None)[1:], strict=True))
        return tuple(self._entry(row, before[row.version], commits) for row in rows)

    def not_restored(self) -> tuple[Path, ...]:
        """The fields of the live row that differ from the version that is active."""
        live = self.owned.row
        active = next((row for row in self.owned.versions if row.version == live.version), None)
        return () if active is None else _paths(self.attributor, active, live)

    @property
    def _ordered(self) -> tuple[Assistant, ...]:
        return tuple(sorted(self.owned.versions, key=lambda row: row.version, reverse=True))

    def _entry(self, row: Assistant, before: Assistant | None, commits: Mapping[str, CommitFacts]) -> VersionEntry:
        stamp = self.stamp_of(row)
        commit = None if stamp is None else stamp.commit
        paths = () if before is None else _paths(self.attributor, before, row)
        return VersionEntry(
            version=row.version,
            created_at=row.created_at,
            is_active=row.version == self.owned.row.version,
            attribution=Attribution.OUTSIDE if stamp is None else Attribution.APPLY,
            commit=None if commit is None else redact_text(commit),
            facts=None if commit is None else commits.get(commit),
            source=None if stamp is None or stamp.source is None else redact_text(stamp.source),
            rollback_to=None if stamp is None else stamp.rollback,
            effect=_effect(row, before, paths),
            paths=paths,
        )


def _paths(attributor: Attributor, before: Assistant, after: Assistant) -> tuple[Path, ...]:
    return tuple(one.path for one in attributor.changed(before, after))


def _effect(row: Assistant, before: Assistant | None, paths: tuple[Path, ...]) -> Effect:
    if before is None:
        return Effect.CREATED
    if paths:
        return Effect.CONTENT
    is_same = same_json(before.metadata.get(STAMP_KEY), row.metadata.get(STAMP_KEY))
    return Effect.NOTHING if is_same else Effect.STAMP
