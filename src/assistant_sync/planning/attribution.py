"""Attribution: who made which versions of an assistant, and what each of them changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant_sync.model.change import Delete
from assistant_sync.model.deployment import Mirroring
from assistant_sync.model.frozen import replace
from assistant_sync.model.outcome import Attribution, OutsideVersion
from assistant_sync.model.stamp import STAMP_KEY
from assistant_sync.planning.canonical import live_content
from assistant_sync.planning.diff import all_added, diff
from assistant_sync.planning.drift import stamp_of_write
from assistant_sync.planning.equality import same_json
from assistant_sync.planning.mirroring import without_mirror
from assistant_sync.planning.own_version import own_versions
from assistant_sync.redaction import redact, redact_text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from assistant_sync.model.assistant import Assistant, Content
    from assistant_sync.model.change import FieldChange, Write
    from assistant_sync.model.values import Path

_MOST_SHOWN = 20
"""Versions whose changes are shown; of more, the last ones."""


def numbers_between(versions: Sequence[Assistant], *, above: int, below: int | None) -> tuple[int, ...]:
    """The numbers of the versions between two others, in rising order; None for no upper bound."""
    return tuple(
        sorted(row.version for row in versions if row.version > above and (below is None or row.version < below))
    )


@dataclass(frozen=True, slots=True)
class Attributor:
    """Attributes the versions of one assistant to who made them.

    Attributes:
        project: Ours.
        mirroring: What the deployment was seen to do.
        reads_configurable: Whether the manifest fills ``config.configurable`` instead of ``context``; if both are
            equal, the one that it fills is shown.
        literals: Paths whose values are no credentials, although they look like some.
        former_projects: The names that the project had before.
    """

    project: str
    mirroring: Mirroring
    reads_configurable: bool = False
    literals: Collection[Path] = ()
    former_projects: tuple[str, ...] = ()

    @classmethod
    def of(cls, change: Write, project: str, mirroring: Mirroring, former_projects: tuple[str, ...] = ()) -> Attributor:
        """The one for the assistant of a change."""
        reads_configurable = not isinstance(change, Delete) and bool(change.desired.content.configurable)
        return cls(project, mirroring, reads_configurable, former_projects=former_projects)

    def attribute_versions(
        self, versions: Sequence[Assistant], before: Assistant | None, *, above: int, below: int | None = None
    ) -> tuple[OutsideVersion, ...]:
        """The versions between two others, each with what it changed in the one before.

        Args:
            versions: All versions.
            before: What the first of them was written over; None if there was nothing.
            above: The number that they are above of.
            below: The number that they are below of; None for no upper bound.
        """
        wanted = set(numbers_between(versions, above=above, below=below)[-_MOST_SHOWN:])
        own = own_versions(versions)
        found: list[OutsideVersion] = []
        for row in sorted(versions, key=lambda row: row.version):
            if row.version in wanted:
                found.append(self._version(row, before, own))
            if row.version > above:
                before = row
        return tuple(found)

    def attribute_since(
        self, versions: Sequence[Assistant], before: Assistant, now: Assistant, *, above: int
    ) -> tuple[OutsideVersion, ...]:
        """What lies between a row and the one that took its place.

        Args:
            versions: All versions; none if they could not be read.
            before: The row as it was.
            now: The row as it is: it may be an older version that was made active.
            above: The highest number that there was with ``before``.
        """
        found = self.attribute_versions(versions, before, above=above)
        if found and found[-1].version == now.version:
            return found
        fields = self.changed(before, now)
        return (*found, OutsideVersion(now.version, now.updated_at, fields, Attribution.ACTIVATED))

    def changed(self, before: Assistant | None, after: Assistant) -> tuple[FieldChange, ...]:
        """What differs between two rows, unowned metadata included and the stamp left out; masked."""
        keys = {*after.metadata, *(before.metadata if before is not None else ())} - {STAMP_KEY}
        new = live_content(after, keys)
        if before is None:
            return redact(all_added(without_mirror(new, self.mirroring)), self.literals)
        old = live_content(before, keys)
        if self.mirroring is not Mirroring.NO and all(same_json(one.context, one.configurable) for one in (old, new)):
            old, new = self._one_sided(old), self._one_sided(new)
        return redact(diff(old, new), self.literals)

    def _one_sided(self, content: Content) -> Content:
        return replace(content, context={}) if self.reads_configurable else replace(content, configurable={})

    def _version(self, row: Assistant, before: Assistant | None, own: Mapping[str, Assistant]) -> OutsideVersion:
        stamp = stamp_of_write(row, own, self.project, self.mirroring, self.former_projects)
        commit = None if stamp is None or stamp.commit is None else redact_text(stamp.commit)
        attribution = Attribution.OUTSIDE if stamp is None else Attribution.APPLY
        return OutsideVersion(row.version, row.created_at, self.changed(before, row), attribution, commit)
