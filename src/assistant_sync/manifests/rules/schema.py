"""The shape of a manifest, and the checks that concern several of its fields.

A manifest that plainly fits is read by msgspec. Any other is left to the pydantic models, which explain what is wrong;
they accept whatever is accepted here, with the same values (tests/manifests/rules/test_plain_shape.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import msgspec

from assistant_sync.manifests.diagnostics import Violation
from assistant_sync.manifests.limits import MAX_RECURSION_LIMIT
from assistant_sync.manifests.rules.values import is_id, is_key, keys_of_move, path_to_ignore
from assistant_sync.manifests.wording import suggestion
from assistant_sync.model.frozen import replace

if TYPE_CHECKING:
    from assistant_sync.manifests.rules.models import Manifest
    from assistant_sync.model.values import JsonObject


class ConfigShape(msgspec.Struct):
    """The keys of ``config`` that servers check; they store any other as it is."""

    recursion_limit: Annotated[int, msgspec.Meta(ge=1, le=MAX_RECURSION_LIMIT)] | None = None
    tags: list[str] | None = None
    configurable: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None


class LifecycleShape(msgspec.Struct, forbid_unknown_fields=True):
    """What assistant-sync may do with the assistant; the deployment gets none of it but a mark in the stamp."""

    prevent_delete: bool | None = None
    ignore_changes: list[Any] | None = None
    """As the file has it, until ``plain_manifest`` makes paths of it."""


class ManifestShape(msgspec.Struct, forbid_unknown_fields=True):
    """One manifest; null is absent in every field."""

    key: str | None = None
    graph_id: Annotated[str, msgspec.Meta(min_length=1)] | None = None
    name: Annotated[str, msgspec.Meta(min_length=1)] | None = None
    description: str | None = None
    context: dict[str, Any] | None = None
    config: ConfigShape | None = None
    metadata: dict[str, Any] | None = None
    assistant_id: str | None = None
    lifecycle: LifecycleShape | None = None
    moved_from: Any = None
    """As the file has it, until ``plain_manifest`` makes a tuple of keys of it."""


AnyManifest: TypeAlias = "ManifestShape | Manifest"
"""Two classes with the same fields: of a manifest that plainly fits, and of any other that is valid."""

_FIELDS = ManifestShape.__struct_fields__

CONFIG_KEYS = (*ConfigShape.__struct_fields__, "run_name", "max_concurrency")
"""The keys of ``config`` that have a meaning in LangGraph."""


def plain_manifest(value: JsonObject) -> ManifestShape | None:
    """Read a manifest that plainly fits; None for one that must be looked at closely.

    Args:
        value: Its fields; no text has an unpaired surrogate, which the parser refuses.
    """
    try:
        manifest = msgspec.convert(value, ManifestShape)
        manifest.moved_from = keys_of_move(manifest.moved_from)
        lifecycle = manifest.lifecycle
        if lifecycle and lifecycle.ignore_changes is not None:
            lifecycle.ignore_changes = [path_to_ignore(one) for one in lifecycle.ignore_changes]
    except ValueError:  # msgspec's own errors are such, too
        return None
    is_valid_key = manifest.key is None or is_key(manifest.key)
    is_valid_id = manifest.assistant_id is None or is_id(manifest.assistant_id)
    return manifest if is_valid_key and is_valid_id else None


def check_manifest(value: JsonObject) -> tuple[AnyManifest | None, list[Violation]]:
    """Check the shape of a manifest whose includes and overlay are in place.

    Args:
        value: Its fields.

    Returns:
        The manifest if its shape is valid, and everything that is wrong.
    """
    manifest: AnyManifest | None = plain_manifest(value)
    violations: list[Violation] = []
    if manifest is None:
        # Only here: pydantic takes a sixth of the time of a plan, and what it explains is seldom there.
        from assistant_sync.manifests.pydantic_errors import check_model
        from assistant_sync.manifests.rules.models import Manifest

        manifest, violations = check_model(Manifest, value)
    violations = [_with_place_of_graph_values(one) for one in violations]
    if value.get("graph_id") is None and not any(map(_misspells_graph_id, value)):
        violations.append(Violation((), "graph_id is required"))
    if manifest is None or manifest.graph_id is None:
        return None, violations
    if manifest.context and manifest.config and manifest.config.configurable:
        message = (
            "context and config.configurable must not both be given. A server that shows both has copied one from the "
            "other: keep context, unless the graph reads only config.configurable"
        )
        violations.append(Violation(("config", "configurable"), message, at_key=True))
    return manifest, violations


def _with_place_of_graph_values(violation: Violation) -> Violation:
    """An unknown field that is near to no known one is most likely a value that the graph reads."""
    is_unknown = len(violation.path) == 1 and violation.message.startswith("unknown field")
    if not is_unknown or "did you mean" in violation.message:
        return violation
    return replace(violation, message=f"{violation.message}; what the graph reads belongs below context, indented")


def _misspells_graph_id(name: str) -> bool:
    """Whether the message about an unknown field already suggests ``graph_id``: one mistake is one message."""
    is_unknown = name not in _FIELDS
    return is_unknown and suggestion(name, _FIELDS) == suggestion("graph_id", ("graph_id",))
