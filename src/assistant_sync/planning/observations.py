"""What was observed of the deployment and of git after triage: one answer for each of its questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.frozen import Frozen, field
from assistant_sync.model.graph_schema import SchemaBook
from assistant_sync.model.provenance import Ancestry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from assistant_sync.model.assistant import Assistant, Desired
    from assistant_sync.model.cron import Cron
    from assistant_sync.model.thread import ThreadCounts


class Observations(Frozen, frozen=True):
    """The answers.

    Attributes:
        found: For each id to confirm, its row, or None if it is confirmed absent.
        versions: By id, for each id that triage named and each row found.
        unregistered_graphs: The graphs that the deployment surely does not register.
        unknown_graphs: Those of which nobody knows whether it serves them, because no assistant of them is visible.
        schemas: What the graphs that manifests name say of the values that they take.
        served_graphs: Those that it is seen to serve; asked for only if some of the others are not.
        ancestry: How the commits of ``commits_to_relate`` relate to HEAD.
        unread_sources: Those files of ``sources_to_find`` that the commit has and that were not read.
        crons: By id of an assistant that may be deleted; None if the key may not read them.
        threads: By id of an assistant that would be deleted; None if they cannot be counted.
        wanted: By id, what the manifest wanted after our last write, the newest first; of those alone that git was
            asked about, and knows.
        everything: All rows that the key may see, if the deployment names their owners; else none.
    """

    found: Mapping[str, Assistant | None] = field(default_factory=dict)
    versions: Mapping[str, Sequence[Assistant]] = field(default_factory=dict)
    unregistered_graphs: frozenset[str] = frozenset()
    unknown_graphs: frozenset[str] = frozenset()
    served_graphs: frozenset[str] = frozenset()
    schemas: SchemaBook = field(default_factory=SchemaBook)
    ancestry: Mapping[str, Ancestry] = field(default_factory=dict)
    everything: Sequence[Assistant] = ()
    unread_sources: frozenset[str] = frozenset()
    crons: Mapping[str, Sequence[Cron] | None] = field(default_factory=dict)
    threads: Mapping[str, ThreadCounts | None] = field(default_factory=dict)
    wanted: Mapping[str, Sequence[Desired]] = field(default_factory=dict)

    def relation(self, commit: str | None) -> Ancestry:
        """How a commit relates to HEAD."""
        return Ancestry.UNKNOWN if commit is None else self.ancestry.get(commit, Ancestry.UNKNOWN)
