"""The document of what ``doctor`` found."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from assistant_sync.report.json.document import FORMAT_VERSION

if TYPE_CHECKING:
    from assistant_sync.model.diagnosis import Diagnosis, Inventory, Probe


def diagnosis_json(diagnosis: Diagnosis, *, tool_version: str) -> dict[str, Any]:
    """Make the document of a diagnosis; what was not found out is null.

    Args:
        diagnosis: What was found.
        tool_version: Of assistant-sync.
    """
    return {
        "format_version": FORMAT_VERSION,
        "tool_version": tool_version,
        "project": diagnosis.project,
        "target": {"name": diagnosis.target, "url": diagnosis.url},
        "healthy": diagnosis.is_healthy,
        "checks": [asdict(check) | {"state": check.state.value} for check in diagnosis.checks],
        "server": None if diagnosis.server is None else asdict(diagnosis.server),
        "page_size": diagnosis.page_size,
        "graphs": None if diagnosis.graphs is None else list(diagnosis.graphs),
        "assistants": None if diagnosis.inventory is None else _inventory(diagnosis.inventory),
        "clock_skew_seconds": diagnosis.clock_skew,
        "probe": None if diagnosis.probe is None else _probe(diagnosis.probe),
        "activation": diagnosis.activation,
        "measured_version": diagnosis.measured_version,
    }


def _inventory(inventory: Inventory) -> dict[str, Any]:
    listed = [asdict(one) for one in inventory.unmanaged_assistants]
    return asdict(inventory) | {"unmanaged_assistants": listed}


def _probe(probe: Probe) -> dict[str, Any]:
    return {
        "set_latest": {
            "restores": list(probe.restored),
            "leaves": list(probe.left),
            "unmeasured": list(probe.unmeasured),
        },
        "patch_omitted": {"keeps": list(probe.kept), "empties": list(probe.dropped)},
        "mirrors_context": probe.mirroring.value == "yes",
        "lists_lightly": probe.lists_lightly,
    }
