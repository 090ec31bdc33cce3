"""The shape of the project file, each field checked by itself (by rules.py).

A file that plainly fits is read by msgspec. Any other is left to the pydantic models, which explain what is wrong; they
accept whatever is accepted here, with the same values (tests/manifests/project/test_plain_shape.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import msgspec

from assistant_sync.manifests.project import rules

if TYPE_CHECKING:
    from assistant_sync.manifests.diagnostics import Violation
    from assistant_sync.manifests.project.models import ChecksFields, LimitFields, ProjectFields, TargetFields
    from assistant_sync.model.values import JsonObject


class LimitShape(msgspec.Struct, forbid_unknown_fields=True):
    """The guards of a target."""

    deletes: Any = None
    updates: Any = None


class TargetShape(msgspec.Struct, forbid_unknown_fields=True, rename={"schema_mode": "schema"}):
    """One target; null is absent in every field but the URL."""

    url: str
    allow_http: bool | None = None
    auth: Literal["key", "none"] | None = None
    api_key_env: str | None = None
    headers: dict[str, str] | None = None
    headers_env: dict[str, str] | None = None
    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None
    overlay: str | None = None
    formerly: list[str] | None = None
    limits: LimitShape | None = None
    activation: Literal["safe", "full", "never"] | None = None
    measured_version: str | None = None
    prune: bool | None = None
    schema_mode: Literal["error", "warn", "off"] | None = None
    lock: Any = None


class LiteralShape(msgspec.Struct, forbid_unknown_fields=True):
    """A path whose values are no credentials, although they look like some."""

    path: Any
    reason: Annotated[str, msgspec.Meta(min_length=1)]


class ChecksShape(msgspec.Struct, forbid_unknown_fields=True):
    """Where and how the checks are asked; null is absent in every field."""

    target: str | None = None
    gate: bool | None = None
    max_runs: Annotated[int, msgspec.Meta(ge=1)] | None = None
    allow_default_context: bool | None = None


class ProjectShape(msgspec.Struct, forbid_unknown_fields=True):
    """The project file."""

    version: Annotated[int, msgspec.Meta(ge=1, le=1)]
    project: str
    former_projects: list[str] | None = None
    manifests: str | None = None
    archive: str | None = None
    allow_literals: list[LiteralShape] | None = None
    default_target: str | None = None
    checks: ChecksShape | None = None
    targets: dict[str, TargetShape] | None = None


# Two classes each, with the same fields: of a file that plainly fits, and of any other that is valid.
AnyProject: TypeAlias = "ProjectShape | ProjectFields"
AnyTarget: TypeAlias = "TargetShape | TargetFields"
AnyChecks: TypeAlias = "ChecksShape | ChecksFields"
AnyLimits: TypeAlias = "LimitShape | LimitFields"


def check_project(value: JsonObject) -> tuple[AnyProject | None, list[Violation]]:
    """Check each field of a project file by itself.

    Args:
        value: Its fields.

    Returns:
        The project file, None if it is not valid; and what is wrong.
    """
    plain = plain_project(value)
    if plain is not None:
        return plain, []
    # Only here: pydantic takes a sixth of the time of a plan, and what it explains is seldom there.
    from assistant_sync.manifests.project.models import ProjectFields
    from assistant_sync.manifests.pydantic_errors import check_model

    return check_model(ProjectFields, value)


def plain_project(value: JsonObject) -> ProjectShape | None:
    """Read a project file that plainly fits; None for one that must be looked at closely.

    Args:
        value: Its fields; no text has an unpaired surrogate, which the parser refuses.
    """
    try:
        project = msgspec.convert(value, ProjectShape)
        rules.project_name(project.project)
        for name in project.former_projects or ():
            rules.project_name(name)
        project.manifests = project.manifests if project.manifests is None else rules.relative_path(project.manifests)
        project.archive = project.archive if project.archive is None else rules.relative_path(project.archive)
        for literal in project.allow_literals or ():
            literal.path = rules.literal_path(literal.path)
        for name, target in (project.targets or {}).items():
            rules.target_name(name)
            _apply_rules(target)
    except ValueError:  # msgspec's own errors are such, too
        return None
    return project


def _apply_rules(target: TargetShape) -> None:
    """Put each value of a target into its form.

    Raises:
        ValueError: One does not fit.
    """
    target.url = rules.target_url(target.url, allow_http=bool(target.allow_http))
    target.overlay = target.overlay if target.overlay is None else rules.relative_path(target.overlay)
    target.lock = rules.lease_of(target.lock)
    if target.limits is not None:
        target.limits.deletes = rules.limit_of(target.limits.deletes)
        target.limits.updates = rules.limit_of(target.limits.updates)
    for file in (target.ca_file, target.cert_file, target.key_file):
        rules.file_path("-" if file is None else file)
    for former in target.formerly or ():
        rules.target_name(former)
    if target.measured_version is not None:
        rules.server_version(target.measured_version)
    named = () if target.api_key_env is None else (target.api_key_env,)
    for variable in (*named, *(target.headers_env or {}).values()):
        rules.variable_name(variable)
    for header in target.headers_env or {}:
        rules.header_name(header)
    for header, text in (target.headers or {}).items():
        rules.public_header(header)
        rules.header_value(text)
