"""Misfits at the lines of the manifests and overlays that they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.manifests.diagnostics import Diagnostic, SourceRef, Violation
from assistant_sync.manifests.graph_schemas.checker import ContextChecker
from assistant_sync.manifests.graph_schemas.files import FOLDER, file_name, read_schemas
from assistant_sync.manifests.overlays import has_path
from assistant_sync.model.frozen import Frozen
from assistant_sync.model.project import SchemaMode
from assistant_sync.problem import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from assistant_sync.manifests.graph_schemas.compiled import Misfit
    from assistant_sync.manifests.rules.build import Draft
    from assistant_sync.model.assistant import Desired
    from assistant_sync.repository.tree import Tree


class Built(Frozen, frozen=True):
    """A manifest under the overlay of a target.

    Attributes:
        draft: As it is written.
        desired: What it wants.
        mode: What a misfit means there.
    """

    draft: Draft
    desired: Desired
    mode: SchemaMode


def kept_schema_diagnostics(tree: Tree, home: str, built: Iterable[Built]) -> Iterator[Diagnostic]:
    """What does not fit the schemas that the repository keeps.

    Args:
        tree: The repository.
        home: The project file's folder, relative to its top.
        built: The manifests.
    """
    checked = [one for one in built if one.mode is not SchemaMode.OFF]
    folder = schemas_folder(home)
    book = read_schemas(tree, folder, {one.desired.content.graph_id for one in checked})
    checker = ContextChecker(book.schemas)
    for one in checked:
        for misfit in checker.check(one.desired.content):
            yield misfit_diagnostic(one.draft, misfit, one.mode)
    for graph, why in {**book.unusable, **checker.unusable}.items():
        message = f"this schema is not used: {why}; 'assistant-sync schema pull' writes it again"
        yield Diagnostic(SourceRef(f"{folder}/{file_name(graph)}"), message, Severity.WARNING)


def schemas_folder(home: str) -> str:
    """Where kept schemas are, relative to the repository's top."""
    return FOLDER if home == "." else f"{home}/{FOLDER}"


def misfit_diagnostic(draft: Draft, misfit: Misfit, mode: SchemaMode) -> Diagnostic:
    """Attribute a misfit to the manifest, or to the overlay that the value, or its removal, comes from.

    Args:
        draft: The manifest, with the overlay of the target.
        misfit: What does not fit.
        mode: What that means on the target.
    """
    patch = draft.patch
    origin = patch if patch is not None and has_path(patch.fields, misfit.path) else draft.source
    severity = Severity.ERROR if misfit.is_error and mode is SchemaMode.ERROR else Severity.WARNING
    return origin.diagnostic(Violation(misfit.path, misfit.message, misfit.at_key), severity)
