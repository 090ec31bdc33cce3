"""Schema pull: keep what the graphs of a deployment declare in the repository."""

from __future__ import annotations

import asyncio
import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant_sync.errors import RepositoryError
from assistant_sync.live.schemas import schemas_of
from assistant_sync.manifests.graph_schemas.diagnostics import schemas_folder
from assistant_sync.manifests.graph_schemas.files import FOLDER, file_name, schema_text
from assistant_sync.manifests.json_schema.files import FOLDER as EDITOR_FOLDER
from assistant_sync.model.frozen import replace
from assistant_sync.model.graph_schema import MAX_SCHEMA_BYTES
from assistant_sync.model.progress import silent
from assistant_sync.model.pulled import FileChange
from assistant_sync.model.schema_files import FileState, SchemaFile, SchemaFiles
from assistant_sync.operations.contexts import Contexts, check_contexts
from assistant_sync.operations.editor_schemas import write_editor_schemas
from assistant_sync.operations.pulling.files import write_files
from assistant_sync.operations.validate_online import absent, look_at
from assistant_sync.operations.workspace import open_workspace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from assistant_sync.model.graph_schema import GraphSchema
    from assistant_sync.model.progress import Listener
    from assistant_sync.operations.workspace import Settings, Workspace
    from assistant_sync.repository.tree import Tree
    from assistant_sync.repository.worktree import WorkTree


@dataclass(frozen=True, slots=True)
class PulledSchemas:
    """What became of the schemas of the graphs that manifests name.

    Attributes:
        files: The files, and the graphs that have none.
        contexts: What of the manifests does not fit these schemas.
    """

    files: SchemaFiles
    contexts: Contexts


async def pull_schemas(settings: Settings, *, is_check: bool = False, listener: Listener = silent) -> PulledSchemas:
    """Read the schemas, and write those that are new or differ; those for editors as well, if there are some.

    Args:
        settings: The common options.
        is_check: Whether to compare only.
        listener: Gets progress.

    Raises:
        InvalidFiles, UnknownName, RepositoryError: The manifests cannot be read, or a file cannot be written.
        RemoteError: The deployment cannot be read.
    """
    workspace = await asyncio.to_thread(open_workspace, settings)
    seen = await look_at(settings, workspace, listener=listener)
    book = schemas_of(seen)
    changes, unchanged, unnamed = _files(book.schemas, _folder(workspace), workspace.tree)
    files = SchemaFiles(
        project=workspace.project.name,
        files=tuple(sorted((*map(_changed, changes), *map(_unchanged, unchanged)), key=lambda one: one.path)),
        graphs=tuple(sorted(graph for graph in book.schemas if graph not in unnamed)),
        unusable=unnamed | dict.fromkeys(absent(seen), "the deployment does not serve it") | dict(book.unusable),
        is_written=not is_check,
    )
    if not is_check:
        files = await asyncio.to_thread(_write, workspace, changes, files)
    return PulledSchemas(files, await check_contexts(workspace, workspace.manifests.desired, book))


def _folder(workspace: Workspace) -> str:
    return schemas_folder(workspace.tree.relative(workspace.project.folder))


def _changed(change: FileChange) -> SchemaFile:
    state = FileState.NEW if change.before is None else FileState.CHANGED
    return SchemaFile(f"{FOLDER}/{posixpath.basename(change.path)}", state)


def _unchanged(path: str) -> SchemaFile:
    return SchemaFile(f"{FOLDER}/{posixpath.basename(path)}", FileState.UNCHANGED)


def _write(workspace: Workspace, changes: Sequence[FileChange], files: SchemaFiles) -> SchemaFiles:
    """Write the files, and those for editors if there are some.

    Raises:
        RepositoryError: One cannot be written.
    """
    _refuse_link(workspace.tree, _folder(workspace))
    write_files(workspace.tree, changes)
    if not (workspace.project.folder / EDITOR_FOLDER).is_dir():
        return files
    editors = write_editor_schemas(workspace.project, workspace.tree)
    return replace(files, files=(*files.files, *editors.files), unusable={**editors.unusable, **files.unusable})


def _refuse_link(tree: WorkTree, folder: str) -> None:
    """Refuse a folder that is a link: the files go into this one and no other.

    Raises:
        RepositoryError: It is one.
    """
    if (tree.top / folder).is_symlink():
        message = f"{folder} is a symbolic link; nothing was written"
        raise RepositoryError(message, hint="make it a folder of its own")


def _files(
    schemas: Mapping[str, GraphSchema], folder: str, tree: Tree
) -> tuple[list[FileChange], list[str], dict[str, str]]:
    """The files of some schemas: those to write, those that are as they should be, and the graphs that have none."""
    changes: list[FileChange] = []
    unchanged: list[str] = []
    without: dict[str, str] = {}
    for graph, schema in sorted(schemas.items()):
        name, data = file_name(graph), schema_text(schema).encode()
        if name is None or len(data) > MAX_SCHEMA_BYTES:
            without[graph] = "its name is too long for a file" if name is None else "its schema is too large for a file"
            continue
        path = f"{folder}/{name}"
        before = _content(tree, path) if name in tree.names(folder) else None
        if before == data:
            unchanged.append(path)
        else:
            changes.append(FileChange(path, before, data))
    return changes, unchanged, without


def _content(tree: Tree, path: str) -> bytes:
    try:
        return tree.read(path, limit=2 * MAX_SCHEMA_BYTES)
    except RepositoryError as error:
        message = f"{error.message}; nothing was written"
        raise RepositoryError(message, hint="move it away, then pull again") from error
