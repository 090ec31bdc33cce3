"""Sources: the documents of the YAML files, as they are written."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from itertools import product
from typing import TYPE_CHECKING, ClassVar

from assistant_sync.errors import RepositoryError
from assistant_sync.manifests.diagnostics import Diagnostic, SourceRef
from assistant_sync.manifests.limits import MAX_FILE_BYTES
from assistant_sync.manifests.rules.lossy_values import lossy_text
from assistant_sync.manifests.rules.quick_look import is_clean_document, is_clean_yaml
from assistant_sync.manifests.yaml12.decode import NotUtf8, decode
from assistant_sync.manifests.yaml12.errors import YamlError
from assistant_sync.manifests.yaml12.parser import parse_documents
from assistant_sync.model.assistant import NO_TEXTS
from assistant_sync.model.frozen import Frozen
from assistant_sync.problem import Severity
from assistant_sync.redaction import redact_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from assistant_sync.manifests.diagnostics import Violation
    from assistant_sync.manifests.yaml12.parser import Document
    from assistant_sync.model.values import JsonObject, Path
    from assistant_sync.repository.tree import Tree

SUFFIXES = (".yaml", ".yml")
"""The suffixes of manifests and overlays."""

ANY_CASE = tuple(
    "." + "".join(letters)
    for suffix in SUFFIXES
    for letters in product(*((letter, letter.upper()) for letter in suffix[1:]))
)
"""The same, in lower case or not: a file is never skipped because of it."""


class Source(Frozen, frozen=True):
    """One document that is a manifest or an overlay.

    Attributes:
        file: Relative to the repository's top.
        document: The index of the document in the file, from 0.
        fields: The document.
        is_alone: Whether the file has no other.
        repeated: The characters that aliases have made so far in the file, this document included.
        may_include: Whether the file's text may hold an include, spelt correctly or not; false is certain.
        is_clean: Whether no value or key, included texts too, needs a closer look (``rules/quick_look.py``).
        included: The file that the text at a path was included from.
        invalid_includes: The paths of invalid includes; anything else wrong there is a consequence.
    """

    unshown: ClassVar = ("fields",)

    file: str
    document: int
    fields: JsonObject
    is_alone: bool
    may_include: bool
    is_clean: bool = False
    repeated: int = 0
    included: Mapping[Path, str] = NO_TEXTS
    invalid_includes: frozenset[Path] = frozenset()

    def ref(self, path: Path = (), *, at_key: bool = False) -> SourceRef:
        """Refer to a value of this document."""
        return SourceRef(self.file, self.document, path, at_key)

    def diagnostic(self, violation: Violation, severity: Severity = Severity.ERROR) -> Diagnostic:
        """Attribute a violation to this document; its message names the file if the value was included."""
        file = self.included.get(violation.path)
        message = f"{violation.message} (in {file})" if file else violation.message
        return Diagnostic(self.ref(violation.path, at_key=violation.at_key), message, severity)

    def warnings(self, violations: Iterable[Violation]) -> list[Diagnostic]:
        """Attribute what is valid, but most likely a mistake."""
        return [self.diagnostic(one, Severity.WARNING) for one in violations]


class _ParsedFile(Frozen, frozen=True):
    """A YAML file as it is parsed.

    Attributes:
        documents: All of them.
        may_include: Whether its text may hold an include; false is certain.
        is_clean: Whether no value needs a closer look; false says nothing.
    """

    documents: list[Document]
    may_include: bool
    is_clean: bool


def read_sources(
    tree: Tree,
    file: str,
    *,
    what: str,
    empty: Severity,
    such_as: str = "name: Support",
    note: Callable[[str, bytes], object] | None = None,
) -> tuple[list[Source], list[Diagnostic]]:
    """Read the documents of a YAML file.

    Args:
        tree: The repository.
        file: Relative to its top.
        what: What each document is, such as "manifest".
        empty: The severity of a file without any document.
        such_as: A field that each may have, as an example.
        note: Gets the file and its bytes; None for nobody.

    Returns:
        The documents that are mappings, and what is wrong with the others or with the file.
    """
    found = _parsed(tree, file, note)
    if isinstance(found, Diagnostic):
        return [], [found]
    documents = found.documents
    full = [(index, document) for index, document in enumerate(documents) if document.value is not None]
    if not full:
        message = f"this file contains no {what}; restore its content, or remove the file if it is not needed"
        return [], [Diagnostic(SourceRef(file), message, empty)]
    diagnostics = [] if len(documents) == 1 and not full[0][1].placeholders else _warnings(file, documents, what)
    sources = []
    for index, document in full:
        if isinstance(document.value, Mapping):
            is_clean, repeated = found.is_clean and is_clean_document(document), document.repeated
            sources.append(Source(file, index, document.value, len(full) == 1, found.may_include, is_clean, repeated))
        else:
            message = f"each {what} must be a mapping of fields such as '{such_as}'"
            diagnostics.append(Diagnostic(SourceRef(file, index), message))
    return sources, diagnostics


def _warnings(file: str, documents: list[Document], what: str) -> list[Diagnostic]:
    """Empty documents, and mappings that are most likely meant as placeholders."""
    blanks = [index for index, document in enumerate(documents) if document.value is None]
    message = f"an empty document is skipped; remove the extra '---', unless a {what} is missing here"
    return [
        *(Diagnostic(SourceRef(file, index), message, Severity.WARNING) for index in blanks),
        *(
            Diagnostic(SourceRef(file), _of_braces(redact_text(name)), Severity.WARNING, place=(line, column))
            for document in documents
            for line, column, name in document.placeholders
        ),
    ]


def _parsed(tree: Tree, file: str, note: Callable[[str, bytes], object] | None) -> _ParsedFile | Diagnostic:
    """The documents of a file, or why it has none."""
    if why := lossy_text(file):  # the path is written into the stamp
        way_out = _LOCALE if _is_beyond_locale(file) else "rename the file"
        return Diagnostic(SourceRef(file), f"the path of this file contains {why}; {way_out}")
    try:
        data = tree.read(file, limit=MAX_FILE_BYTES)
        if note is not None:
            note(file, data)
        return _parse(data, file)
    except NotUtf8 as error:
        return Diagnostic(SourceRef(file), f"this file {error.problem}", place=(error.line, error.column))
    except RepositoryError as error:
        return Diagnostic(SourceRef(file), "this file " + error.message.removeprefix(f"{file} "))
    except YamlError as error:
        return Diagnostic(SourceRef(file), error.message, place=(error.line, error.column))


def _parse(data: bytes, file: str) -> _ParsedFile:
    text = decode(data, file)
    documents = parse_documents(text)
    # An include may be misspelt, and an escape may spell its dollar.
    return _ParsedFile(documents, may_include="$" in text or "\\" in text, is_clean=is_clean_yaml(text))


_PLACEHOLDER = (
    "without quotes this is a mapping with the key '{0}', not a text; if it is a placeholder, write it as \"{{{0}}}\""
)


def _of_braces(name: str) -> str:
    if name.startswith("$file"):
        return "this is a mapping with a key without a value, not an include; write it as {$file: path}, with a colon"
    return _PLACEHOLDER.format(name)


_LOCALE = "the locale cannot name it: set PYTHONUTF8=1, or a locale such as C.UTF-8"


def _is_beyond_locale(path: str) -> bool:
    """Whether a path is UTF-8, which Python could not read because of the locale."""
    if sys.getfilesystemencoding().lower().replace("-", "") == "utf8":
        return False
    try:
        os.fsencode(path).decode()
    except UnicodeDecodeError:
        return False
    return True
