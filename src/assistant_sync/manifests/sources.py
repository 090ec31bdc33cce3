"""Sources: the documents of the YAML files, as they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from assistant_sync.errors import RepositoryError
from assistant_sync.manifests.fidelity import text_flaw
from assistant_sync.manifests.findings import Finding, Spot
from assistant_sync.manifests.text import read_text
from assistant_sync.manifests.yaml12 import parse_documents
from assistant_sync.manifests.yaml_errors import YamlError
from assistant_sync.problem import Severity

if TYPE_CHECKING:
    from assistant_sync.manifests.flaws import Flaw
    from assistant_sync.model.values import JsonObject, Path
    from assistant_sync.repository.trees import Tree

SUFFIXES = (".yaml", ".yml")
"""What the names of manifests and overlays end with."""


@dataclass(frozen=True, slots=True)
class Source:
    """One document that is a manifest or an overlay.

    Attributes:
        file: Relative to the repository's top.
        document: Which document of the file, from 0.
        fields: The document.
        is_alone: Whether the file has no other.
        may_include: Whether the file's text may hold an include, rightly spelt or not; false is certain.
        included: Which file the text at a path came from.
        refused: The paths of includes that are wrong; whatever else is wrong there is a consequence.
    """

    file: str
    document: int
    fields: JsonObject = field(repr=False)
    is_alone: bool
    may_include: bool
    included: Mapping[Path, str] = field(default_factory=lambda: MappingProxyType({}))
    refused: frozenset[Path] = frozenset()

    def spot(self, path: Path = (), *, at_key: bool = False) -> Spot:
        """A place in this document."""
        return Spot(self.file, self.document, path, at_key)

    def finding(self, flaw: Flaw, severity: Severity = Severity.ERROR) -> Finding:
        """A flaw of this document."""
        origin = self.included.get(flaw.path)
        message = f"{flaw.message} (in {origin})" if origin else flaw.message
        return Finding(self.spot(flaw.path, at_key=flaw.at_key), message, severity)


def read_sources(tree: Tree, file: str, *, what: str, empty: Severity) -> tuple[list[Source], list[Finding]]:
    """Read the documents of a YAML file.

    Args:
        tree: The repository.
        file: Relative to its top.
        what: What each document is, such as "manifest".
        empty: How bad a file without any document is.

    Returns:
        The documents that are mappings, and what is wrong with the others or with the file.
    """
    if why := text_flaw(file):  # the path is written into the stamp
        return [], [Finding(Spot(file), f"the path of this file holds {why}; rename it")]
    try:
        text = read_text(tree, file)
        documents = parse_documents(text)
    except RepositoryError as error:
        return [], [Finding(Spot(file), "this file " + error.message.removeprefix(f"{file} "))]
    except YamlError as error:
        return [], [Finding(Spot(file), error.message, place=(error.line, error.column))]
    full = [(index, document.value) for index, document in enumerate(documents) if document.value is not None]
    if not full:
        message = f"this file holds no {what}; restore its content, or remove the file if it is not needed"
        return [], [Finding(Spot(file), message, empty)]
    blanks = [index for index, document in enumerate(documents) if document.value is None]
    message = f"an empty document is skipped; remove the superfluous '---' if no {what} is missing here"
    findings = [Finding(Spot(file, index), message, Severity.WARNING) for index in blanks]
    sources = []
    # An include may be misspelt; and an escape may spell its dollar.
    may_include = "$" in text or "\\" in text
    for index, value in full:
        if isinstance(value, Mapping):
            sources.append(Source(file, index, value, is_alone=len(full) == 1, may_include=may_include))
        else:
            message = f"each {what} must be a mapping of fields such as 'name: Support'"
            findings.append(Finding(Spot(file, index), message))
    return sources, findings
