"""One assistant as base, desired and live have it; every question about it is asked of this value."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from assistant_sync.model.frozen import Frozen, replace
from assistant_sync.model.provenance import Ancestry
from assistant_sync.planning.canonical import digest, live_content
from assistant_sync.planning.diff import diff
from assistant_sync.planning.drift import is_as_written, is_content_as_written
from assistant_sync.planning.equality import same_content
from assistant_sync.planning.ignoring import is_ignored, keep_ignored, with_values_of
from assistant_sync.planning.mirroring import align
from assistant_sync.planning.own_version import is_untouched, own_version
from assistant_sync.planning.ownership import Owned, Unmanaged, judge
from assistant_sync.planning.quick_look import surely_equal
from assistant_sync.planning.stamp_changes import stamp_differs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from assistant_sync.model.assistant import Assistant, Content, Desired
    from assistant_sync.model.change import FieldChange
    from assistant_sync.model.cron import Cron
    from assistant_sync.model.deployment import Mirroring
    from assistant_sync.model.stamp import Stamp
    from assistant_sync.model.thread import ThreadCounts
    from assistant_sync.planning.observations import Observations
    from assistant_sync.planning.ownership import Live


class Comparison(Frozen, frozen=True):
    """The two contents of one assistant.

    Attributes:
        found: The live one as it stands, with the metadata that counts.
        desired: The desired one, comparable with ``live``.
        live: The live one without a mirror that equals its original.
    """

    found: Content
    desired: Content
    live: Content


class ThreeWay(Frozen, frozen=True, kw_only=True):
    """One assistant.

    Attributes:
        key: The manifest's, or the stamp's if there is no manifest.
        assistant_id: Its id.
        mirroring: What the deployment does.
        base: What its manifest was where the branch began; None if there was none, or nothing is compared with.
        desired: What its manifest wants: its ignored fields have the live values; None if there is no manifest.
        manifest: The manifest as its file has it.
        live: The row with who owns it; None if it is absent, or not read yet.
        comparison: Desired against live; None if one of them is missing, or they are equal and the row is ours.
        is_equal: Whether desired and live agree, and the stamp, if the row is ours, fits the manifest.
        relation: How the commit of our last write relates to HEAD.
        holder: Another owned assistant that has the key, or a former one of it, if this one has no owned row.
        crons: The crons that go with it if it is deleted, so far as they could be read.
        threads: The threads that stay without it if it is deleted, in numbers; None if they are unknown.
        accepted: The last version made outside git that git has taken over since our last write.
        is_past_known: Whether git was asked for that, and knows.
        claimant: The file of another manifest that has the key, now or formerly, and no owned row; None if this has a
            manifest.
    """

    unshown: ClassVar = ("base", "desired", "manifest", "live", "comparison", "holder", "accepted")

    key: str
    assistant_id: str
    mirroring: Mirroring
    base: Desired | None = None
    desired: Desired | None = None
    manifest: Desired | None = None
    live: Live | None = None
    comparison: Comparison | None = None
    is_equal: bool = False
    relation: Ancestry = Ancestry.UNKNOWN
    holder: Owned | None = None
    claimant: str | None = None
    accepted: Assistant | None = None
    is_past_known: bool = False
    crons: tuple[Cron, ...] = ()
    threads: ThreadCounts | None = None

    @property
    def owned(self) -> Owned | None:
        """The live row, if it is ours."""
        return self.live if isinstance(self.live, Owned) else None

    @property
    def renamed_from(self) -> str | None:
        """The key of the live row, if it is ours and its manifest has another one by now: the id decides."""
        owned, desired = self.owned, self.desired
        return None if owned is None or desired is None or owned.stamp.key == desired.key else owned.stamp.key

    @property
    def found(self) -> Content | None:
        """The live content as it stands; None if there is no row, or nobody asks for it again."""
        if self.comparison is not None:
            return self.comparison.found
        owned = self.owned
        if owned is None or self.is_equal:
            return None
        return live_content(owned.row, [key for key in owned.row.metadata if key in owned.stamp.metadata_keys])

    @property
    def stamp_change(self) -> str | None:
        """What the stamp must say otherwise, whether the content differs or not; None if it fits the manifest."""
        owned, desired = self.owned, self.desired
        return None if owned is None or desired is None else stamp_differs(desired, owned.stamp)

    @property
    def is_protected(self) -> bool:
        """Whether the manifest that it was written from has ``lifecycle.prevent_delete``."""
        return self.owned is not None and self.owned.stamp.prevent_delete

    @property
    def differs_in_content(self) -> bool:
        """Whether desired and live are both known and their contents differ."""
        return self.comparison is not None and not same_content(self.comparison.desired, self.comparison.live)

    @property
    def is_as_written(self) -> bool | None:
        """Whether the live row has what we wrote last; None if it is not ours, or its stamp does not show it."""
        owned = self.owned
        if owned is None:
            return None
        if self.is_accepted:
            return True
        found = is_as_written(owned.row, owned.stamp, self.mirroring)
        if found is False and (is_untouched(owned.row, owned.versions) or self._only_ignored_differs(owned)):
            return True
        return found

    def _only_ignored_differs(self, owned: Owned) -> bool:
        """Whether the row has what we wrote last but for the fields that the manifest ignores."""
        ignored = () if self.desired is None else self.desired.ignored
        ours = None if owned.stamp.write is None else own_version(owned.versions, owned.stamp.write)
        if not ignored or ours is None:
            return False
        keys = owned.stamp.metadata_keys
        content = with_values_of(live_content(ours, keys), live_content(owned.row, keys), ignored)
        return is_content_as_written(content, owned.stamp, self.mirroring)

    def digest_then(self, manifest: Desired, stamp: Stamp) -> str | None:
        """The digest that a manifest had when a write of ours was made: its ignored fields had the values of then."""
        owned, ignored = self.owned, () if self.desired is None else self.desired.ignored
        ours = None if owned is None or stamp.write is None else own_version(owned.versions, stamp.write)
        then = manifest if ours is None else keep_ignored(manifest, ours, ignored)
        return digest(then.content)

    @property
    def ignored_fields(self) -> tuple[FieldChange, ...]:
        """From the live values to the manifest's, in the fields that the manifest ignores."""
        manifest, live = self.manifest, self.live
        if manifest is None or live is None or not manifest.ignored:
            return ()
        desired, found = align(manifest.content, live_content(live.row, owned_keys(manifest, live)), self.mirroring)
        return tuple(one for one in diff(found, desired) if is_ignored(one, manifest.ignored))

    @property
    def is_normalised(self) -> bool:
        """Whether the server keeps other metadata than was sent, and all else is as the manifest wants it.

        Authorisation handlers do that. Nobody has written since our last write, and the manifest is still the one that
        it was made from: another write would end in the same.
        """
        owned, desired, compared = self.owned, self.desired, self.comparison
        if owned is None or desired is None or compared is None or owned.stamp.digest is None:
            return False
        but_metadata = (replace(compared.desired, metadata={}), replace(compared.live, metadata={}))
        return (
            not self.is_equal
            and self.stamp_change is None
            and same_content(*but_metadata)
            and is_untouched(owned.row, owned.versions)
            and owned.stamp.digest == digest(desired.content)
        )

    @property
    def is_accepted(self) -> bool:
        """Whether git has taken over what is live since our last write."""
        return self.accepted is not None and self.accepted is (None if self.owned is None else self.owned.row)

    @property
    def is_on_earlier_write(self) -> bool:
        """Whether an earlier write of ours is active than the last, with another content."""
        owned = self.owned
        if owned is None or not self.is_as_written or self.is_accepted:
            return False
        last = owned.last_written
        return last.write != owned.stamp.write and last.digest != owned.stamp.digest

    @property
    def is_edited_outside(self) -> bool:
        """Whether somebody changed it outside git since our last write, or made an earlier write of ours active."""
        return self.is_as_written is False or (self.is_past_known and self.is_on_earlier_write)


def three_way(desired: Desired, live: Live | None, mirroring: Mirroring, base: Desired | None) -> ThreeWay:
    """Hold a manifest against its live row.

    Args:
        desired: The manifest.
        live: The row that has its id; None if there is none, or it is not known yet.
        mirroring: What the deployment does.
        base: What the manifest was where the branch began.
    """
    manifest, comparison = desired, None
    is_equal = isinstance(live, Owned) and surely_equal(desired, live, mirroring)
    if live is not None and not is_equal:
        if manifest.ignored:
            desired = keep_ignored(manifest, live.row)
            base = None if base is None else keep_ignored(base, live.row, manifest.ignored)
        comparison = _compared(desired, live, mirroring)
        is_fit = not (isinstance(live, Owned) and stamp_differs(desired, live.stamp))
        is_equal = is_fit and same_content(comparison.desired, comparison.live)
    return ThreeWay(
        key=desired.key,
        assistant_id=desired.assistant_id,
        mirroring=mirroring,
        base=base,
        desired=desired,
        manifest=manifest,
        live=live,
        # Of what is equal and ours nobody asks for the contents again.
        comparison=None if is_equal and isinstance(live, Owned) else comparison,
        is_equal=is_equal,
    )


def _compared(desired: Desired, live: Live, mirroring: Mirroring) -> Comparison:
    found = live_content(live.row, owned_keys(desired, live))
    wanted, content = align(desired.content, found, mirroring)
    return Comparison(found, with_values_of(content, wanted, desired.ignored), content)


def owned_keys(desired: Desired, live: Live) -> tuple[str, ...]:
    """The metadata keys that count: the manifest's and, if the row is ours, its stamp's."""
    if not isinstance(live, Owned) or live.stamp.metadata_keys == desired.metadata_keys:
        return desired.metadata_keys
    return tuple(sorted({*desired.metadata_keys, *live.stamp.metadata_keys}))


def without_manifest(owned: Owned, mirroring: Mirroring, base: Desired | None) -> ThreeWay:
    """An owned assistant that no manifest names."""
    return ThreeWay(
        key=owned.stamp.key, assistant_id=owned.row.assistant_id, mirroring=mirroring, base=base, live=owned
    )


def complete(
    triaged: Iterable[ThreeWay], seen: Observations, project: str, former_projects: Collection[str] = ()
) -> tuple[ThreeWay, ...]:
    """Fill in what was observed after triage.

    Args:
        triaged: What triage made.
        seen: One answer for each of its questions.
        project: The owner.
        former_projects: The names that it had before.

    Raises:
        KeyError: An answer is missing, which is a mistake of the caller's.
    """
    return tuple(one if one.is_equal else _completed(one, seen, project, former_projects) for one in triaged)


def _completed(one: ThreeWay, seen: Observations, project: str, former_projects: Collection[str]) -> ThreeWay:
    live = one.live
    if live is None and one.holder is not None:
        return replace(one, holder=replace(one.holder, versions=tuple(seen.versions[one.holder.row.assistant_id])))
    if live is None:
        row = seen.found[one.assistant_id]
        live = None if row is None else _unlisted(judge(row, project, former_projects))
    if live is None:
        return one
    needed = seen.versions if one.desired is not None else {one.assistant_id: (), **seen.versions}
    live = replace(live, versions=tuple(needed[one.assistant_id]))
    if not isinstance(live, Owned):
        return one if one.manifest is None else three_way(one.manifest, live, one.mirroring, one.base)
    crons = tuple(seen.crons.get(one.assistant_id) or ())
    relation = seen.relation(live.last_written.commit)
    return replace(one, live=live, relation=relation, crons=crons, threads=seen.threads.get(one.assistant_id))


def _unlisted(live: Live) -> Live:
    """A row that the listing of owned rows did not show: ours or not, it is written only if a manifest names it."""
    return Unmanaged(live.row, because=live.because, stamp=live.stamp) if isinstance(live, Owned) else live
