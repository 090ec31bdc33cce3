"""Assistants that nobody can call over MCP, where each assistant of a deployment is a tool by its name.

langgraph-api 0.16.7 (api/mcp/_sanitizers.py and _handlers.py) makes the tool's name of the assistant's, lists one tool
for each such name, and calls a tool only if exactly one of the assistants that it looks at has the name. Measured on
its dev server (docs/servers.md).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from assistant_sync.manifests.diagnostics import Diagnostic
from assistant_sync.manifests.wording import shown
from assistant_sync.problem import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assistant_sync.manifests.diagnostics import SourceRef
    from assistant_sync.manifests.rules.build import Draft
    from assistant_sync.model.assistant import Desired

MAX_TOOLS = 1000
"""Assistants among which a call looks for the tool; those that were created last come first."""

_LONGEST = 128
_NORMAL = re.compile(rf"[A-Za-z0-9_.-]{{1,{_LONGEST}}}")
_REMOVED = re.compile(r"[^A-Za-z0-9_.-]+")

_MOST_OF_ONE_NAME = 20
"""Manifests of one name that are reported: whoever gives a thousand assistants one name does so on purpose."""

_SAME = (
    "over MCP, this name is the same tool as that of {other_key}, at {{other}}{more}: calls of it fail. Give each "
    "assistant its own name, if they are called over MCP (docs/servers.md)"
)
_EMPTY = (
    "over MCP, nothing of this name remains: a tool's name has only the letters a to z, digits, '_', '-' and '.', so "
    "no client can call the assistant. Add some of them, if it is called over MCP (docs/servers.md)"
)


def tool_name(name: str) -> str:
    """The name of the MCP tool that an assistant with this name is; empty if there is none."""
    return name if _NORMAL.fullmatch(name) else _REMOVED.sub("", "_".join(name.split()))[:_LONGEST]


def uncallable_tools(built: Sequence[tuple[Draft, Desired]]) -> list[Diagnostic]:
    """Warn of the assistants of one target that are one tool, and of those that are none.

    Args:
        built: The manifests with the assistants that they describe on the target.

    Returns:
        One warning for each such manifest, at what gives it the name.
    """
    names = [tool_name(desired.content.name) for _, desired in built]
    if len({*names, ""}) > len(names):  # nearly always: each has its own
        return []
    groups: dict[str, dict[str, tuple[Draft, Desired]]] = {}
    for name, (draft, desired) in zip(names, built, strict=True):
        # The name that a server has is not the one of the manifest if somebody else owns it.
        if ("name",) not in desired.ignored:
            groups.setdefault(name, {}).setdefault(desired.key, (draft, desired))
    nameless = groups.pop("", {})
    return [
        *(Diagnostic(_ref(draft), _EMPTY, Severity.WARNING) for draft, _ in nameless.values()),
        *(diagnostic for group in groups.values() if len(group) > 1 for diagnostic in _same_tool([*group.values()])),
    ]


def _same_tool(group: Sequence[tuple[Draft, Desired]]) -> Iterator[Diagnostic]:
    """Each refers to the first, and the first to the second."""
    more = f" and of {len(group) - 2} more" if len(group) > 2 else ""
    for index, (draft, _) in enumerate(group[:_MOST_OF_ONE_NAME]):
        other, its = group[0 if index else 1]
        message = _SAME.format(other_key=shown(its.key), more=more)
        yield Diagnostic(_ref(draft), message, Severity.WARNING, other=_ref(other))


def _ref(draft: Draft) -> SourceRef:
    """What gives an assistant its name: the field, or the key if there is none."""
    patch = draft.patch
    if "name" in draft.source.fields or (patch and "name" in patch.fields):
        return draft.ref(("name",))
    return draft.source.ref(("key",))


def too_many_tools(project_file: SourceRef, manifests: int) -> Iterator[Diagnostic]:
    """Warn if a project has more assistants than a call over MCP looks at.

    Args:
        project_file: The project file.
        manifests: How many manifests the project has.
    """
    if manifests > MAX_TOOLS:
        message = (
            f"this project has {manifests} manifests; over MCP, only the {MAX_TOOLS} assistants of a deployment that "
            "were created last can be called. Split it among deployments, if clients call all by MCP (docs/servers.md)"
        )
        yield Diagnostic(project_file, message, Severity.WARNING)
