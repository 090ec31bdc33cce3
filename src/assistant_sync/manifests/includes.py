"""Included texts: ``{$file: path}`` stands for a text of the repository."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from assistant_sync.errors import RepositoryError
from assistant_sync.manifests.diagnostics import Violation
from assistant_sync.manifests.limits import MAX_INCLUDED_CHARACTERS, MAX_PATH_LENGTH, MAX_PROBLEMS_OF_ONE_FILE
from assistant_sync.manifests.rules.quick_look import is_clean_text
from assistant_sync.manifests.wording import dotted, shown, suggestion
from assistant_sync.manifests.yaml12.decode import read_text
from assistant_sync.model.frozen import Frozen, replace
from assistant_sync.redaction import credential_paths

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant_sync.manifests.sources import Source
    from assistant_sync.model.values import JsonValue, Path
    from assistant_sync.repository.tree import Tree

_INCLUDE = "$file"
_MISSPELT_CUTOFF = 0.8
"""A key that is nearer to it than this, as difflib's ratio, is taken for a misspelling of it."""
_OPERATORS = frozenset({"$filter"})
"""Near to it, but an operator of query languages, and queries may be values too."""
_ABSOLUTE = re.compile(r"[/~]|[A-Za-z]:")


class Takers(Frozen, frozen=True):
    """Which values of a kind of document may be included texts, or hold some.

    Attributes:
        places: Their paths, with ``*`` for any index; all that is below one counts.
        names: As messages name them.
        refused: Paths of values that are no data, so that an include in one is a mistake, at whatever depth.
    """

    places: tuple[Path, ...]
    names: str
    refused: tuple[Path, ...] = ()


OF_MANIFESTS = Takers(
    (("context",), ("config",), ("description",), ("metadata",)), "context, config, description and metadata"
)


class Includes:
    """Reads included texts, each once.

    Args:
        tree: The repository.
    """

    __slots__ = ("_errors", "_holds_credential", "_is_clean", "_texts", "_tree", "repeated")

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self.repeated = 0  # characters of texts that were included before, or that aliases repeat
        self._texts: dict[str, str] = {}
        self._errors: dict[str, str] = {}
        self._holds_credential: dict[str, bool] = {}
        self._is_clean: dict[str, bool] = {}

    @property
    def files(self) -> list[str]:
        """The files that were read, relative to the repository's top."""
        return list(self._texts)

    @property
    def asked(self) -> list[str]:
        """All files that were asked for, those that cannot be read included."""
        return [*self._texts, *self._errors]

    def resolve(self, source: Source, takers: Takers = OF_MANIFESTS) -> tuple[Source, list[Violation]]:
        """Put the texts in place of their includes.

        Args:
            source: A document; its values are not changed.
            takers: Which of its values may be included.

        Returns:
            The document with the texts, and what is wrong with includes.
        """
        if not source.may_include:
            return source, []
        walk = _Walk(self, posixpath.dirname(source.file), takers)
        fields = {name: walk.enter(value, (name,)) for name, value in source.fields.items()}
        invalid = frozenset(violation.path[:-1] for violation in walk.violations)
        is_clean = source.is_clean and not invalid and all(map(self.is_clean, walk.included.values()))
        return replace(
            source, fields=fields, included=walk.included, invalid_includes=invalid, is_clean=is_clean
        ), walk.violations

    def count_aliases(self, sources: Sequence[Source]) -> None:
        """Count what the aliases of a file repeat.

        Args:
            sources: All its documents; the last one has the sum.
        """
        self.repeated += sources[-1].repeated if sources else 0

    def include(self, file: str) -> str:
        """Read a text for one more include of it.

        Raises:
            RepositoryError: It cannot be included.
        """
        is_repeated = file in self._texts
        text = self.text(file)
        self.repeated += len(text) if is_repeated else 0
        return text

    def text(self, file: str) -> str:
        """Read a text, once.

        Raises:
            RepositoryError: It cannot be included.
        """
        if file in self._errors:
            raise RepositoryError(self._errors[file])
        if file not in self._texts:
            try:
                self._texts[file] = read_text(self._tree, file)
            except RepositoryError as error:
                folder, name = posixpath.split(file)
                # Each looks at all names of a folder, and nobody reads hundreds of them.
                is_read = "does not exist" in error.message and len(self._errors) < MAX_PROBLEMS_OF_ONE_FILE
                near = _way_out(name, self._tree.names(folder)) if is_read else ""
                self._errors[file] = error.message + near
                raise RepositoryError(self._errors[file]) from error
        return self._texts[file]

    def is_there(self, file: str) -> bool:
        """Whether a folder has such a file, for suggestions."""
        folder, name = posixpath.split(file)
        return name in self._tree.names(folder)

    def is_clean(self, file: str) -> bool:
        """Whether a text that was read needs no closer look, whichever document includes it."""
        if file not in self._is_clean:
            self._is_clean[file] = is_clean_text(self._texts[file])
        return self._is_clean[file]

    def holds_credential(self, file: str) -> bool:
        """Whether a text that was read holds what looks like a credential."""
        if file not in self._holds_credential:
            self._holds_credential[file] = bool(credential_paths(self._texts[file]))
        return self._holds_credential[file]


def _way_out(name: str, found: Sequence[str]) -> str:
    """The end of a sentence about a file that does not exist."""
    whole = next((one for one in found if one.startswith(f"{name} #")), None)
    if whole is not None:
        return f"; did you mean {shown(whole)}? Quote the path: ' #' begins a comment"
    return suggestion(name, found)


class _Walk:
    """One walk over one document.

    Args:
        includes: Reads the texts.
        folder: The folder of the document's file, relative to the repository's top.
        takers: Which values may be included.
    """

    __slots__ = ("folder", "included", "includes", "length", "takers", "violations")

    def __init__(self, includes: Includes, folder: str, takers: Takers) -> None:
        self.includes = includes
        self.folder = folder
        self.takers = takers
        self.included: dict[Path, str] = {}
        self.violations: list[Violation] = []
        self.length = 0

    def enter(self, value: JsonValue, path: Path) -> JsonValue:
        """The value with texts in place if it may have some, or if one below it may."""
        places = [place for place in self.takers.places if _is_on_the_way(path, place)]
        if any(len(place) <= len(path) for place in places):
            return self.resolve(value, path)
        is_above = bool(places) or any(_is_on_the_way(path, place) for place in self.takers.refused)
        if not is_above or (isinstance(value, Mapping) and _INCLUDE in value):
            return self.refuse_include(value, path)
        if isinstance(value, Mapping):
            return {key: self.enter(item, (*path, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self.enter(item, (*path, index)) for index, item in enumerate(value)]
        return value

    def resolve(self, value: JsonValue, path: Path) -> JsonValue:
        """The value with texts in place; the same object if it has no include."""
        if isinstance(value, Mapping):
            if _INCLUDE in value:
                return self.include(value, path)
            if len(value) == 1 and (near := _misspelt(value)):
                self.violations.append(Violation((*path, *value), f"{dotted(path)}: {near}", at_key=True))
                return ""
            items = {key: self.resolve(item, (*path, key)) for key, item in value.items()}
            return items if any(items[key] is not value[key] for key in items) else value
        if isinstance(value, list):
            parts = [self.resolve(item, (*path, index)) for index, item in enumerate(value)]
            return parts if any(new is not old for new, old in zip(parts, value, strict=True)) else value
        return value

    def refuse_include(self, value: JsonValue, path: Path) -> JsonValue:
        """The value of a field that takes no include, unchanged."""
        if isinstance(value, Mapping) and _INCLUDE in value:
            names = self.takers.names
            message = f"{dotted(path)} cannot be read from a file: {_INCLUDE} is supported only in {names}"
            self.violations.append(Violation((*path, _INCLUDE), message, at_key=True))
        return value

    def include(self, value: Mapping[str, JsonValue], path: Path) -> str:
        """The text that an include stands for."""
        try:
            file = self.file(value)
            text = self.includes.include(file)
            self.count(text)
        except RepositoryError as error:
            hint = self.meant(value[_INCLUDE]) if error.message.endswith("does not exist") else ""
            self.violations.append(Violation((*path, _INCLUDE), f"{dotted(path)}: {error.message}{hint}"))
            return ""
        self.included[path] = file
        return text

    def meant(self, name: JsonValue) -> str:
        """The end of a sentence about a file that does not exist from here, but from a folder above."""
        folder = self.folder
        if len(self.violations) > MAX_PROBLEMS_OF_ONE_FILE:
            return ""
        while isinstance(name, str) and folder:
            folder = posixpath.dirname(folder)
            place = posixpath.normpath(posixpath.join(folder, name))
            if not place.startswith("../") and self.includes.is_there(place):
                return f"; the path starts at this file's folder: {shown(posixpath.relpath(place, self.folder))}"
        return ""

    def count(self, text: str) -> None:
        """Add to the length of all included texts, and refuse more than the limit."""
        self.length += len(text)
        if self.length > MAX_INCLUDED_CHARACTERS:
            raise RepositoryError(
                f"the texts that this document includes are larger than {MAX_INCLUDED_CHARACTERS // 2**20} MiB in total"
            )

    def file(self, value: Mapping[str, JsonValue]) -> str:
        """The file that an include names, relative to the repository's top."""
        name = value[_INCLUDE]
        if len(value) > 1:
            other = next(key for key in value if key != _INCLUDE)
            raise RepositoryError(f"{_INCLUDE} must be the only key of its mapping; remove {shown(other)}")
        if not isinstance(name, str) or not name:
            raise RepositoryError(f"{_INCLUDE} must be the path of a text file")
        if len(name) > MAX_PATH_LENGTH:
            raise RepositoryError(f"the path {shown(name)} has more than {MAX_PATH_LENGTH} characters")
        if "\\" in name or "\0" in name:
            raise RepositoryError(f"the path {shown(name)} must be written with forward slashes")
        if _ABSOLUTE.match(name):
            raise RepositoryError(f"the path {shown(name)} must be relative to the folder of this file")
        file = posixpath.normpath(posixpath.join(self.folder, name))
        if file == ".." or file.startswith("../"):
            raise RepositoryError(f"{shown(name)} is outside of the repository")
        return file


def _is_on_the_way(path: Path, place: Path) -> bool:
    """Whether a path leads to a place, or is at or below it."""
    return all(part in ("*", step) for step, part in zip(path, place, strict=False))


def _misspelt(value: Mapping[str, JsonValue]) -> str | None:
    """What is wrong with a mapping of one key that is nearly an include; other keys with a dollar are data."""
    ((key, item),) = value.items()
    if not key.startswith("$") or key in _OPERATORS or not isinstance(item, str):
        return None
    near = suggestion(key.lower(), (_INCLUDE,), cutoff=_MISSPELT_CUTOFF)
    return f"unknown directive {shown(key)}{near}" if near else None
