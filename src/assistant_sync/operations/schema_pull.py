"""Schema pull: keep what the graphs of a deployment say of their contexts in the repository."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant_sync.errors import RepositoryError
from assistant_sync.live.schemas import schemas_of
from assistant_sync.manifests.graph_schemas.diagnostics import schemas_folder
from assistant_sync.manifests.graph_schemas.files import file_name, schema_text
from assistant_sync.model.graph_schema import MAX_SCHEMA_BYTES
from assistant_sync.model.progress import silent
from assistant_sync.model.pulled import FileChange
from assistant_sync.operations.contexts import Contexts, check_contexts
from assistant_sync.operations.pulling.files import write_files
from assistant_sync.operations.validate_online import absent, look_at
from assistant_sync.operations.workspace import open_workspace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assistant_sync.model.graph_schema import GraphSchema
    from assistant_sync.model.progress import Listener
    from assistant_sync.operations.workspace import Settings
    from assistant_sync.repository.tree import Tree
    from assistant_sync.repository.worktree import WorkTree


@dataclass(frozen=True, slots=True)
class PulledSchemas:
    """What became of the schemas of the graphs that manifests name.

    Attributes:
        changes: The files that are new or differ, relative to the repository's top.
        unchanged: The files that are as they were.
        without: The graphs whose schema cannot be kept, each with the reason.
        contexts: What of the manifests does not fit these schemas.
    """

    changes: tuple[FileChange, ...]
    unchanged: tuple[str, ...]
    without: Mapping[str, str]
    contexts: Contexts


async def pull_schemas(settings: Settings, *, write: bool = True, listener: Listener = silent) -> PulledSchemas:
    """Read the schemas, and write those that are new or differ.

    Args:
        settings: The common options.
        write: Whether to write the files.
        listener: Gets progress.

    Raises:
        InvalidFiles, UnknownName, RepositoryError: The manifests cannot be read, or a file cannot be written.
        RemoteError: The deployment cannot be read.
    """
    workspace = await asyncio.to_thread(open_workspace, settings)
    seen = await look_at(settings, workspace, listener=listener)
    book = schemas_of(seen)
    folder = schemas_folder(workspace.tree.relative(workspace.project.folder))
    changes, unchanged, without = _files(book.schemas, folder, workspace.tree)
    without |= dict.fromkeys(absent(seen), "the deployment does not serve it") | dict(book.unusable)
    if write:
        _refuse_link(workspace.tree, folder)
        await asyncio.to_thread(write_files, workspace.tree, changes)
    contexts = await check_contexts(workspace, workspace.manifests.desired, book)
    return PulledSchemas(tuple(changes), tuple(unchanged), without, contexts)


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
