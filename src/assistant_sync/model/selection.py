"""The selection: which assistants a command is about."""

from __future__ import annotations

from fnmatch import fnmatchcase

from assistant_sync.model.frozen import Frozen


class Selection(Frozen, frozen=True):
    """Which assistants a command is about: those that match each kind of condition that is given.

    Attributes:
        globs: Over keys, of which one must match; empty selects all.
        graphs: Globs over graph ids, of which one must match; empty selects all.
        changed: The keys whose manifests changed since a commit; None selects all.
        since: What the command line calls that commit; None if ``changed`` is.
    """

    globs: tuple[str, ...] = ()
    graphs: tuple[str, ...] = ()
    changed: frozenset[str] | None = None
    since: str | None = None

    @property
    def is_narrow(self) -> bool:
        """Whether there is any condition."""
        return bool(self.globs or self.graphs) or self.changed is not None

    def selects(self, key: str, *graph_ids: str) -> bool:
        """Whether an assistant is selected.

        Args:
            key: The manifest's key, or the stamp's if there is no manifest.
            graph_ids: Its graph, or the desired and the live one: one that matches is enough. None of them if the graph
                is not known, which may then be any.
        """
        return self.matches_key(key) and self.matches_graph(*graph_ids) and self.has_changed(key)

    def matches_key(self, *names: str) -> bool:
        """Whether one of the names that an assistant has matches a glob over keys."""
        return not self.globs or any(fnmatchcase(name, glob) for glob in self.globs for name in names)

    def matches_graph(self, *graph_ids: str) -> bool:
        """Whether one of the graphs that an assistant has matches; yes if none is known."""
        if not self.graphs or not graph_ids:
            return True
        return any(fnmatchcase(graph, glob) for glob in self.graphs for graph in graph_ids)

    def has_changed(self, key: str) -> bool:
        """Whether the manifest of a key changed, if that counts."""
        return self.changed is None or key in self.changed
