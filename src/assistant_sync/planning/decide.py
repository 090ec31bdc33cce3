"""The second round of planning: one change for each desired and each owned live assistant."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assistant_sync.model.change import Action, Activate, Adopt, Create, Delete, Keep, Orphan, Refuse, Update
from assistant_sync.model.plan import Plan
from assistant_sync.model.provenance import Ancestry
from assistant_sync.planning.activation import find_version
from assistant_sync.planning.canonical import as_document, digest, live_content
from assistant_sync.planning.causes import find_causes, notices_of_base
from assistant_sync.planning.clashes import clashes
from assistant_sync.planning.diff import all_added, all_removed, diff
from assistant_sync.planning.digests import change_digest, plan_digest
from assistant_sync.planning.guards import check_guards
from assistant_sync.planning.mirroring import align, carries_digest, without_mirror
from assistant_sync.planning.notices import deferral_reason, notices
from assistant_sync.planning.ownership import Ownership, judge
from assistant_sync.planning.subjects import of_manifest, of_row, wish
from assistant_sync.planning.triage import last_commit, owned_keys
from assistant_sync.redaction import redact, redact_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from assistant_sync.model.assistant import Assistant, Desired
    from assistant_sync.model.change import Change, DesiredWrite, FieldChange
    from assistant_sync.model.stamp import Stamp
    from assistant_sync.planning.causes import Base
    from assistant_sync.planning.ownership import Owned
    from assistant_sync.planning.policy import Policy
    from assistant_sync.planning.triage import Triage


_OVER_A_LIVE_ONE = Update | Activate | Adopt | Delete


@dataclass(frozen=True, slots=True)
class Answers:
    """What was found out after triage.

    Attributes:
        found: For each id to confirm, its row, or None where it is confirmed absent.
        versions: By id, for each id that triage named and each row found.
        unregistered_graphs: The graphs that the deployment surely does not register.
        served_graphs: Those that it is seen to serve; asked for only where some are unregistered.
        ancestry: How the commits of ``commits_to_relate`` relate to HEAD.
        everything: All rows that the key may see, where the deployment says whose they are; else none.
        base: What the manifests wanted where the branch began, if that is asked for.
    """

    found: Mapping[str, Assistant | None] = field(default_factory=dict)
    versions: Mapping[str, Sequence[Assistant]] = field(default_factory=dict)
    unregistered_graphs: frozenset[str] = frozenset()
    served_graphs: frozenset[str] = frozenset()
    ancestry: Mapping[str, Ancestry] = field(default_factory=dict)
    everything: Sequence[Assistant] = ()
    base: Base | None = None


def decide(desired: Sequence[Desired], sorted_out: Triage, answers: Answers, policy: Policy) -> Plan:
    """Make the plan.

    Args:
        desired: All manifests, selected or not.
        sorted_out: What ``triage`` made of the same manifests.
        answers: One for each of its questions.
        policy: The rules.

    Raises:
        KeyError: An answer is missing, which is a mistake of the caller's.
    """
    decider = _Decider(desired, sorted_out, answers, policy)
    selected = [one for one in desired if policy.selects(one.key)]
    changes = [decider.for_manifest(one) for one in selected]
    changes += [decider.for_stray(one) for one in sorted_out.strays]
    clashing = clashes(changes, answers.everything, sorted_out.mirroring)
    changes = [
        decider.refused(*clashing[change.assistant_id]) if change.assistant_id in clashing else change
        for change in changes
    ]
    changes.sort(key=lambda change: (change.key, change.assistant_id))
    violations = check_guards(
        changes,
        owned=len(sorted_out.owned),
        manifests=len(desired),
        limits=policy.limits,
        allowance=policy.allowance,
        origins=decider.origins(changes),
        can_archive=policy.can_archive,
    )
    causes = find_causes(changes, desired, answers.base, sorted_out, answers.versions, answers.ancestry)
    return Plan(
        project=policy.project,
        target=policy.target,
        url=policy.url,
        commit=policy.commit,
        changes=tuple(changes),
        warnings=notices(
            changes,
            selected,
            sorted_out,
            unregistered_graphs=answers.unregistered_graphs,
            served_graphs=answers.served_graphs,
            ancestry=answers.ancestry,
        )
        + notices_of_base(changes, answers.base, causes),
        guards=violations,
        selection=policy.selection,
        prune=policy.prune,
        mirroring=sorted_out.mirroring,
        digest=plan_digest(policy.target, policy.url, changes),
        base=None if answers.base is None else answers.base.sha,
        causes=causes,
        edited=decider.edited(changes),
    )


class _Decider:
    """The facts of one plan, and the decision for one assistant at a time."""

    def __init__(self, desired: Sequence[Desired], sorted_out: Triage, answers: Answers, policy: Policy) -> None:
        self._triage = sorted_out
        self._answers = answers
        self._policy = policy
        self._keys = {one.key: one for one in desired}
        self._elsewhere = {
            one.stamp.key: one.row.assistant_id for one in sorted_out.strays if one.stamp.key in self._keys
        }

    def relation(self, commit: str) -> Ancestry:
        """How a commit relates to HEAD."""
        return self._answers.ancestry.get(commit, Ancestry.UNKNOWN)

    def origins(self, changes: Sequence[Change]) -> list[Ancestry]:
        """How the commits that wrote what is to be deleted relate to HEAD; newer ones only if they are not allowed."""
        deleted = {change.assistant_id for change in changes if isinstance(change, Delete)}
        commits = [one.stamp.commit for one in self._triage.strays if one.row.assistant_id in deleted]
        relations = [self.relation(commit) for commit in commits if commit]
        allowed = {Ancestry.DESCENDANT} if self._policy.allow_older else set()
        return [relation for relation in relations if relation not in allowed]

    def for_manifest(self, desired: Desired) -> Change:
        """The change of one selected manifest."""
        owned = self._triage.owned.get(desired.assistant_id)
        elsewhere = self._elsewhere.get(desired.key)
        if owned is None and elsewhere is not None:
            return self._refuse(
                desired,
                None,
                f"this project already has an assistant with this key under another id than {desired.assistant_id}. "
                f"To go on with it, the manifest must say: assistant_id: {elsewhere}",
            )
        if owned is not None:
            return self._for_owned(desired, owned)
        row = self._answers.found[desired.assistant_id]
        return self._create(desired) if row is None else self._for_found(desired, row)

    def for_stray(self, owned: Owned) -> Change:
        """The change of an owned live assistant without a manifest."""
        row, stamp = owned.row, owned.stamp
        refusal = self._protects(owned, changed=self._policy.prune)
        facts = of_row(row, stamp)
        if refusal is not None:
            digest = change_digest(Action.REFUSE, row.assistant_id, row.version)
            return Refuse(**facts, reason=redact_text(refusal), base_version=row.version, digest=digest)
        namesake = self._keys.get(stamp.key)
        if namesake is not None and namesake.assistant_id in self._triage.owned:
            namesake = None  # it has an assistant of its own; this one kept the key in its stamp only
        if self._policy.prune and namesake is None:
            content = live_content(row, (key for key in row.metadata if key in stamp.metadata_keys))
            return Delete(
                **facts,
                reason="no manifest has this key any more, and pruning was asked for",
                base_version=row.version,
                fields=redact(all_removed(without_mirror(content, self._triage.mirroring))),
                digest=change_digest(Action.DELETE, row.assistant_id, row.version, as_document(content)),
                live=row,
            )
        reason = "no manifest has this key; restore the manifest, or delete the assistant with --prune"
        if namesake is not None:
            reason = f"{namesake.source} has this key, but with another id: see what is said of it"
        digest = change_digest(Action.ORPHAN, row.assistant_id, row.version)
        return Orphan(**facts, reason=reason, base_version=row.version, digest=digest)

    def edited(self, changes: Sequence[Change]) -> frozenset[str]:
        """The owned assistants to be written over or deleted that are not as they were last written."""
        owned = (self._triage.owned.get(one.assistant_id) for one in changes if isinstance(one, _OVER_A_LIVE_ONE))
        mirroring = self._triage.mirroring
        return frozenset(one.row.assistant_id for one in owned if one and carries_digest(one, mirroring) is False)

    def refused(self, change: DesiredWrite, reason: str) -> Refuse:
        """A refusal in place of a write."""
        return self._refuse(change.desired, None if isinstance(change, Create) else change.live, reason)

    def _create(self, desired: Desired) -> Create:
        return Create(
            **of_manifest(desired),
            reason="the deployment has no assistant with this id",
            base_version=None,
            fields=redact(all_added(desired.content)),
            digest=change_digest(Action.CREATE, desired.assistant_id, wish(desired)),
            desired=desired,
            deferred=self._deferred(desired),
        )

    def _for_found(self, desired: Desired, row: Assistant) -> Change:
        """A row that the manifest's id already has, and that is not owned."""
        verdict = judge(row, self._policy.project)
        if verdict.ownership is Ownership.FOREIGN:
            return self._refuse(desired, row, f"the assistant with this id {verdict.because}")
        if not desired.id_is_named:
            return self._refuse(
                desired,
                row,
                f"the assistant with this id {verdict.because}. To adopt it, put this line into the manifest: "
                f"assistant_id: {row.assistant_id}",
            )
        fields = self._difference(desired, row, None)
        return Adopt(
            **of_manifest(desired),
            reason=f"the manifest names this unmanaged assistant, which {verdict.because}",
            base_version=row.version,
            fields=fields,
            digest=self._digest(Action.ADOPT, desired, row, None),
            desired=desired,
            live=row,
            highest_version=self._highest(row),
            deferred=self._deferred(desired),
        )

    def _for_owned(self, desired: Desired, owned: Owned) -> Change:
        row = owned.row
        is_equal = desired.assistant_id in self._triage.equal
        refusal = self._protects(owned, changed=not is_equal)
        if refusal is not None:
            return self._refuse(desired, row, refusal)
        if is_equal:
            digest = change_digest(Action.KEEP, row.assistant_id, row.version)
            facts = of_manifest(desired)
            return Keep(**facts, reason="equal", base_version=row.version, digest=digest)
        version = find_version(
            desired,
            row,
            self._answers.versions[row.assistant_id],
            project=self._policy.project,
            activation=self._policy.activation,
            mirroring=self._triage.mirroring,
        )
        return self._write(desired, owned, version)

    def _write(self, desired: Desired, owned: Owned, version: int | None) -> Update | Activate:
        row, stamp = owned.row, owned.stamp
        fields = self._difference(desired, row, stamp)
        edited = self._edited(desired, owned)
        if version is not None:
            return Activate(
                **of_manifest(desired),
                reason=f"version {version} is what the manifest wants",
                base_version=row.version,
                fields=fields,
                digest=self._digest(Action.ACTIVATE, desired, row, stamp, version),
                desired=desired,
                live=row,
                to_version=version,
                highest_version=self._highest(row),
                stamped_keys=stamp.metadata_keys,
                deferred=self._deferred(desired),
            )
        return Update(
            **of_manifest(desired),
            reason=edited or "the manifest has changed since it was last applied",
            base_version=row.version,
            fields=fields,
            digest=self._digest(Action.UPDATE, desired, row, stamp),
            desired=desired,
            live=row,
            highest_version=self._highest(row),
            stamped_keys=stamp.metadata_keys,
            deferred=self._deferred(desired),
        )

    def _edited(self, desired: Desired, owned: Owned) -> str:
        """What somebody did outside git since the last write, as a reason; "" where nothing."""
        as_written = carries_digest(owned, self._triage.mirroring)
        # An earlier version that is live again may have been activated by us or by hand: the stamp is the same.
        if as_written is None or (as_written and owned.row.version < self._highest(owned.row)):
            return "the live assistant differs from the manifest"
        if as_written:
            return ""
        if owned.stamp.digest == digest(desired.content):
            return "it was edited outside git since it was last applied; this undoes the edit"
        return "it was edited outside git, and the manifest has changed since it was last applied"

    def _protects(self, owned: Owned, *, changed: bool) -> str | None:
        """Why an owned assistant may not be touched; None where it may."""
        stamp, policy = owned.stamp, self._policy
        if stamp.target != policy.target and not policy.retarget:
            return (
                f"it was written as target '{stamp.target}', and this is target '{policy.target}': is the URL right? "
                "If the target was renamed, say --retarget"
            )
        if changed and not policy.allow_older:
            commit = last_commit(owned, self._answers.versions.get(owned.row.assistant_id, ()))
            if commit is not None and self.relation(commit) is Ancestry.DESCENDANT:
                return (
                    f"it was last written from commit {commit[:12]}, which is newer than this checkout. "
                    "Check out the newest commit, or say --allow-older to go back to this one"
                )
        return None

    def _refuse(self, desired: Desired, row: Assistant | None, reason: str) -> Refuse:
        base = None if row is None else row.version
        digest = change_digest(Action.REFUSE, desired.assistant_id, desired.key, base)
        return Refuse(**of_manifest(desired), reason=redact_text(reason), base_version=base, digest=digest)

    def _difference(self, desired: Desired, row: Assistant, stamp: Stamp | None) -> tuple[FieldChange, ...]:
        live = live_content(row, owned_keys(desired, stamp))
        wanted, found = align(desired.content, live, self._triage.mirroring)
        return redact(diff(found, wanted))

    def _digest(self, action: Action, desired: Desired, row: Assistant, stamp: Stamp | None, *more: int) -> str:
        live = as_document(live_content(row, owned_keys(desired, stamp)))
        return change_digest(action, desired.assistant_id, row.version, live, wish(desired), *more)

    def _highest(self, row: Assistant) -> int:
        versions = self._answers.versions[row.assistant_id]
        return max([row.version, *(one.version for one in versions)])

    def _deferred(self, desired: Desired) -> str | None:
        graph = desired.content.graph_id
        return deferral_reason(graph) if graph in self._answers.unregistered_graphs else None
