"""Schema: write the schemas by which editors complete and check the files of a project; without a deployment."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING
from urllib.parse import unquote

from assistant_sync.documents.atomic import replace_file
from assistant_sync.errors import RepositoryError
from assistant_sync.manifests.graph_schemas.files import FOLDER, file_name, read_schemas
from assistant_sync.manifests.json_schema.files import editor_files
from assistant_sync.manifests.json_schema.graphs import why_unusable
from assistant_sync.model.schema_files import FileState, SchemaFile, SchemaFiles
from assistant_sync.operations.workspace import open_project

if TYPE_CHECKING:
    from assistant_sync.model.project import Project
    from assistant_sync.operations.workspace import Settings
    from assistant_sync.repository.tree import Tree
    from assistant_sync.repository.worktree import WorkTree

_SUFFIX = ".json"
_LARGEST = 2**28
"""Bytes of a schema that is compared; one that is larger was not written by this program."""


def editor_schemas(settings: Settings, *, is_check: bool = False) -> SchemaFiles:
    """Write the schemas of the project.

    Args:
        settings: The common options.
        is_check: Whether to compare only.

    Raises:
        InvalidFiles: The project file is missing or has problems.
        RepositoryError: Git refuses, or a file cannot be written.
    """
    project, tree = open_project(settings)
    return write_editor_schemas(project, tree, is_check=is_check)


def write_editor_schemas(project: Project, tree: WorkTree, *, is_check: bool = False) -> SchemaFiles:
    """Write the schemas from those that the repository keeps of its graphs; a file that is as it should be stays.

    Args:
        project: The project file.
        tree: Its repository.
        is_check: Whether to compare only.

    Raises:
        RepositoryError: A file leaves the repository, is a symbolic link, or cannot be written.
    """
    home = tree.relative(project.folder)
    folder = posixpath.normpath(posixpath.join(home, FOLDER))
    book = read_schemas(tree, folder, _kept_graphs(tree, folder))
    left_out = {graph: reason for graph, one in book.schemas.items() if (reason := why_unusable(one))}
    texts = editor_files(book.schemas)
    paths = {path: posixpath.normpath(posixpath.join(home, path)) for path in texts}
    places = {path: tree.place(paths[path]) for path in texts}
    files = tuple(SchemaFile(path, _state(tree, paths[path], texts[path])) for path in sorted(texts))
    for one in files:
        if not is_check and one.state is not FileState.UNCHANGED:
            replace_file(places[one.path], texts[one.path].encode())
    checked = (graph for graph, one in book.schemas.items() if one.is_declared and graph not in left_out)
    return SchemaFiles(
        project=project.name,
        files=files,
        graphs=tuple(sorted(checked)),
        unusable={**book.unusable, **left_out},
        is_written=not is_check,
    )


def _kept_graphs(tree: Tree, folder: str) -> list[str]:
    """The graphs that have a file, by the files' names."""
    graphs = ((unquote(name.removesuffix(_SUFFIX)), name) for name in tree.names(folder) if name.endswith(_SUFFIX))
    return [graph for graph, name in graphs if file_name(graph) == name]


def _state(tree: Tree, path: str, text: str) -> FileState:
    """How a text compares to the file, with the line endings of the commit."""
    if posixpath.basename(path) not in tree.names(posixpath.dirname(path)):
        return FileState.NEW
    try:
        is_same = tree.read(path, limit=_LARGEST) == text.encode()
    except RepositoryError:
        return FileState.CHANGED  # writing it says what is wrong
    return FileState.UNCHANGED if is_same else FileState.CHANGED
