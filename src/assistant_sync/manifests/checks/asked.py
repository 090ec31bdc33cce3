"""Whom a document of checks asks: what no manifest has is most likely a mistake."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from assistant_sync.manifests.diagnostics import Violation
from assistant_sync.manifests.wording import shown, suggestion
from assistant_sync.model.check import Judge

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from assistant_sync.model.check import CheckFile


def nobody_asked(checks: CheckFile, keys: Collection[str], graphs: Collection[str]) -> Iterator[Violation]:
    """Find the globs, graphs and judges that no manifest has.

    Args:
        checks: A valid document.
        keys: The keys of all manifests.
        graphs: The graphs of all manifests.
    """
    for index, glob in enumerate(checks.globs):
        if not any(fnmatchcase(key, glob) for key in keys):
            message = f"no manifest has a key that matches {shown(glob)}, so this asks nobody{suggestion(glob, keys)}"
            yield Violation(("assistants", index), message)
    if checks.graph is not None and checks.graph not in graphs:
        near = suggestion(checks.graph, graphs)
        yield Violation(("graph",), f"no manifest has the graph {shown(checks.graph)}, so this asks nobody{near}")
    for number, case in enumerate(checks.cases):
        for index, one in enumerate(case.expectations):
            judge = one.assistant if isinstance(one, Judge) else None
            if judge is not None and judge not in keys:
                message = f"no manifest has the key {shown(judge)}, so nobody judges{suggestion(judge, keys)}"
                yield Violation(("cases", number, "expect", index, "judge", "assistant"), message)
