"""Find the project file, check it, and make a project of it."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from assistant_sync.errors import InvalidFiles, RepositoryError
from assistant_sync.manifests.diagnostics import Violation
from assistant_sync.manifests.limits import MAX_FILE_BYTES
from assistant_sync.manifests.project.schema import check_project
from assistant_sync.manifests.wording import dotted, shown, suggestion
from assistant_sync.manifests.yaml12.decode import NotUtf8, decode
from assistant_sync.manifests.yaml12.errors import YamlError
from assistant_sync.manifests.yaml12.locate import YamlLocator
from assistant_sync.manifests.yaml12.parser import parse_documents
from assistant_sync.model.lock import DEFAULT_LEASE
from assistant_sync.model.project import (
    DEFAULT_DELETE_LIMIT,
    DEFAULT_MAX_RUNS,
    Activation,
    Auth,
    CheckTerms,
    Limits,
    Project,
    SchemaMode,
    Target,
)
from assistant_sync.problem import Problem
from assistant_sync.redaction import redact_text
from assistant_sync.repository.files import leaves_repository, nearest_top, read_regular

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from assistant_sync.manifests.project.schema import AnyChecks, AnyProject, AnyTarget
    from assistant_sync.manifests.yaml12.parser import Document
    from assistant_sync.model.values import JsonObject
    from assistant_sync.repository.committed import CommitTree

PROJECT_FILE = "assistant-sync.yaml"
DEFAULT_MANIFESTS = "assistants"

CHECKS_FOLDER = "checks"
"""Where the checks are, relative to the project file's folder."""


def find_project_file(start: Path) -> Path:
    """Find the project file in a folder or above it, up to the top of the git work tree.

    Args:
        start: The folder to start from.

    Raises:
        InvalidFiles: There is none.
    """
    start = start.resolve()
    top = nearest_top(start)
    misnamed = ""
    for folder in (start, *start.parents):
        if (folder / PROJECT_FILE).is_file():
            return folder / PROJECT_FILE
        if not misnamed and (folder / "assistant-sync.yml").is_file():
            misnamed = f"; rename {folder / 'assistant-sync.yml'} to {PROJECT_FILE}"
        if folder == top:
            break
    way_out = misnamed or "; `assistant-sync init` writes one"
    raise InvalidFiles([Problem(PROJECT_FILE, 0, 0, f"not found in {start} or any folder above it{way_out}")])


def load_project(file: Path) -> Project:
    """Read the project file.

    Args:
        file: Its path; relative paths in it start from its folder.

    Raises:
        InvalidFiles: With every problem of the file, each with line and column.
    """
    folder = file.parent.resolve()
    place = os.path.realpath(folder / file.name)
    if leaves_repository(folder / file.name, folder):
        message = "it is a symlink that leads out of the repository; put the file itself here"
        raise InvalidFiles([Problem(file.name, 0, 0, message)])
    return _project(folder, file.name, lambda: read_regular(place, file.name, limit=MAX_FILE_BYTES))


def load_project_of(tree: CommitTree, project: Project) -> Project | None:
    """Read the project file as another commit has it; None if it has none.

    Args:
        tree: The tree of that commit.
        project: Today's project file, which gives the path.

    Raises:
        InvalidFiles: With every problem of the file.
    """
    path = posixpath.normpath(posixpath.join(tree.relative(project.folder), project.file))
    if project.file not in tree.names(posixpath.dirname(path)):
        return None
    return _project(project.folder, project.file, lambda: tree.read(path, limit=MAX_FILE_BYTES))


def _project(folder: Path, name: str, read: Callable[[], bytes]) -> Project:
    text, fields = _read(name, read)
    project, violations = check_project(fields)
    if project is not None:
        violations += _across_fields(project, folder)
    if project is None or violations:
        locator = YamlLocator(text)
        problems = {Problem(name, *locator.place(0, one.path, key=one.at_key), one.message) for one in violations}
        raise InvalidFiles(sorted(problems, key=lambda problem: (problem.line, problem.column, problem.message)))
    targets = {name: _target(name, target, folder) for name, target in (project.targets or {}).items()}
    only = next(iter(targets)) if len(targets) == 1 else None
    return Project(
        name=project.project,
        folder=folder,
        file=name,
        manifests=project.manifests or DEFAULT_MANIFESTS,
        archive=project.archive,
        allow_literals=tuple(one.path for one in project.allow_literals or ()),
        default_target=project.default_target or only,
        targets=MappingProxyType(targets),
        former_projects=tuple(project.former_projects or ()),
        checks=_check_terms(project.checks),
    )


def _read(name: str, read: Callable[[], bytes]) -> tuple[str, JsonObject]:
    """The file's text and its one document."""
    try:
        text = decode(read(), name)
        documents = parse_documents(text)
    except NotUtf8 as error:
        raise InvalidFiles([Problem(name, error.line, error.column, f"this file {error.problem}")]) from error
    except RepositoryError as error:
        message = "this file " + error.message.removeprefix(f"{name} ")
        raise InvalidFiles([Problem(name, 0, 0, message)]) from error
    except YamlError as error:
        raise InvalidFiles([Problem(name, error.line, error.column, error.message)]) from error
    if place := _manifest_place(documents, text):
        raise InvalidFiles([Problem(name, *place, "this looks like a manifest; --config takes the project file")])
    if len(documents) > 1:
        message = "the project file must be one YAML document; remove the one that starts here"
        raise InvalidFiles([Problem(name, documents[1].line, 1, message)])
    fields = documents[0].value if documents else None
    if not isinstance(fields, Mapping):
        message = "the project file must be a mapping of fields such as 'version: 1'"
        raise InvalidFiles([Problem(name, documents[0].line if documents else 1, 1, message)])
    return text, fields


def _manifest_place(documents: Sequence[Document], text: str) -> tuple[int, int] | None:
    """The place by which a file shows that it holds manifests and is no project file; None if it does not."""
    for index, document in enumerate(documents):
        fields = document.value
        if isinstance(fields, Mapping) and "graph_id" in fields and "project" not in fields:
            return YamlLocator(text).place(index, ("graph_id",), key=True)
    return None


def _across_fields(project: AnyProject, folder: Path) -> list[Violation]:
    """What is wrong between fields, each of which is valid by itself."""
    targets = project.targets or {}
    violations = [*_check_former_projects(project), *_check_folders(project, folder), *_check_urls(targets)]
    asked = project.checks.target if project.checks else None
    for path, chosen in ((("default_target",), project.default_target), (("checks", "target"), asked)):
        if chosen is not None and chosen not in targets:
            message = f"{dotted(path)}: there is no target {shown(chosen)}{suggestion(chosen, targets)}"
            violations.append(Violation(path, message))
    for name, target in targets.items():
        seen: set[str] = set()
        for field, headers in (("headers", target.headers), ("headers_env", target.headers_env)):
            for header in headers or {}:
                if header.lower() in seen:
                    message = f"the header {redact_text(header)} is given twice for this target"
                    violations.append(Violation(("targets", name, field, header), message, at_key=True))
                seen.add(header.lower())
        if target.auth == "none" and target.api_key_env is not None:
            message = "api_key_env names a key, and auth: none sends none; remove one of the two"
            violations.append(Violation(("targets", name, "api_key_env"), message, at_key=True))
        if target.measured_version is not None and target.activation != "full":
            message = "measured_version requires activation: full; 'assistant-sync doctor --probe' prints both"
            violations.append(Violation(("targets", name, "measured_version"), message, at_key=True))
        violations += _check_former_names(name, target, targets)
        if target.key_file and not target.cert_file:
            violations.append(Violation(("targets", name, "key_file"), "key_file requires cert_file", at_key=True))
    return violations


def _check_former_projects(project: AnyProject) -> Iterator[Violation]:
    seen: set[str] = set()
    for index, former in enumerate(project.former_projects or ()):
        path = ("former_projects", index)
        if former == project.project:
            message = f"former_projects: {shown(former)} is the name of this project; name those that it had before"
            yield Violation(path, message)
        elif former in seen:
            yield Violation(path, f"former_projects: {shown(former)} is named twice; name each once, the oldest first")
        seen.add(former)


def _check_former_names(name: str, target: AnyTarget, targets: Mapping[str, AnyTarget]) -> Iterator[Violation]:
    for index, former in enumerate(target.formerly or ()):
        if former in targets:
            message = f"formerly: {shown(former)} is a target of this file; name those that this target had before"
            yield Violation(("targets", name, "formerly", index), message)


def _check_folders(project: AnyProject, folder: Path) -> Iterator[Violation]:
    targets = project.targets or {}
    manifests = project.manifests or DEFAULT_MANIFESTS
    others = [(("targets", name, "overlay"), target.overlay) for name, target in targets.items()]
    named = [(("manifests",), project.manifests), (("archive",), project.archive), *others]
    top = nearest_top(folder) or folder
    for path, text in named:
        if text is None:
            continue
        place = Path(os.path.normpath(folder / text))
        if not place.is_relative_to(top):
            yield Violation(path, f"{shown(text)} is outside of the repository")
        elif ".git" in map(str.casefold, place.relative_to(top).parts):
            yield Violation(path, f"{shown(text)} is inside .git")
        elif place.is_relative_to(folder / CHECKS_FOLDER):
            yield Violation(path, f"{shown(text)} is in the folder of the checks; name another one")
        elif path != ("manifests",) and (folder / manifests).is_relative_to(place):
            yield Violation(path, f"{shown(text)} contains the manifests, so it cannot also be the {path[-1]}")


def _check_urls(targets: Mapping[str, AnyTarget]) -> Iterator[Violation]:
    first: dict[str, str] = {}
    for name, target in targets.items():
        other = first.setdefault(target.url, name)
        if other != name:
            message = (
                f"target {shown(other)} has the same URL; two projects may share a URL, two targets of one may not"
            )
            yield Violation(("targets", name, "url"), message)


def _check_terms(fields: AnyChecks | None) -> CheckTerms:
    if fields is None:
        return CheckTerms()
    return CheckTerms(
        target=fields.target,
        gate=bool(fields.gate),
        max_runs=DEFAULT_MAX_RUNS if fields.max_runs is None else fields.max_runs,
        allow_default_context=bool(fields.allow_default_context),
    )


def _target(name: str, fields: AnyTarget, folder: Path) -> Target:
    limits = fields.limits

    def absolute(text: str | None) -> Path | None:
        return folder / text if text else None

    return Target(
        name=name,
        url=fields.url,
        allow_http=bool(fields.allow_http),
        auth=Auth(fields.auth or "key"),
        api_key_env=fields.api_key_env,
        headers=MappingProxyType(fields.headers or {}),
        headers_env=MappingProxyType(fields.headers_env or {}),
        ca_file=absolute(fields.ca_file),
        cert_file=absolute(fields.cert_file),
        key_file=absolute(fields.key_file),
        overlay=fields.overlay,
        formerly=tuple(fields.formerly or ()),
        limits=Limits(
            deletes=(limits.deletes if limits else None) or DEFAULT_DELETE_LIMIT,
            updates=limits.updates if limits else None,
        ),
        activation=Activation(fields.activation or "safe"),
        measured_version=fields.measured_version,
        prune=bool(fields.prune),
        schema=SchemaMode(fields.schema_mode or "error"),
        lease=DEFAULT_LEASE if fields.lock is None else fields.lock or None,
    )
