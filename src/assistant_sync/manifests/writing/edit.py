"""Change values in a YAML text and keep every other byte: comments, order, quotes, line ends, layout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant_sync.manifests.wording import dotted
from assistant_sync.manifests.writing.editing.difference import SetValue, at, toward
from assistant_sync.manifests.writing.editing.plain import REMOVED, EditFailed, Removed, applied, changes, get, same
from assistant_sync.manifests.writing.editing.rewrite import rewrite
from assistant_sync.manifests.writing.editing.work import make_work
from assistant_sync.manifests.writing.emit import emit
from assistant_sync.manifests.yaml12.errors import YamlError
from assistant_sync.manifests.yaml12.parser import parse_documents
from assistant_sync.planning.equality import same_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant_sync.manifests.writing.editing.difference import Operation
    from assistant_sync.model.values import JsonValue, Path

__all__ = ["REMOVED", "Edit", "EditFailed", "Edited", "Removed", "edit_text"]

_BYTE_ORDER_MARK = "\ufeff"
_MOST_SINGLE_EDITS = 32
"""Edits that are made one by one; more are made together, so that the time does not grow with their number."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Another value at a place of a document.

    Attributes:
        path: Keys and indices from the document's top; the last index may be the length of its list.
        value: The new value; REMOVED to remove the key or list item.
    """

    path: Path
    value: JsonValue | Removed


@dataclass(frozen=True, slots=True)
class Edited:
    """A text with its edits made.

    Attributes:
        text: The whole text.
        reformatted: What lost its layout beside what was changed, such as "context.tools of document 2".
    """

    text: str
    reformatted: tuple[str, ...] = ()


def edit_text(text: str, document: int, edits: Sequence[Edit]) -> Edited:
    """Make edits in one document of a YAML file, in their order.

    The result is read again: all documents are then what the edits make of the old values, or the edit fails.

    Args:
        text: The whole file.
        document: The index of the document in the file, from 0.
        edits: The edits.

    Raises:
        EditFailed: The text cannot be read, a path leads nowhere, or YAML cannot carry a value.
    """
    body = text.removeprefix(_BYTE_ORDER_MARK)
    values = _read(body)
    if not 0 <= document < len(values):
        raise EditFailed(f"the file has {len(values)} documents, none with index {document}")
    steps = [_Step((), values[document], values[document])]
    for edit in edits:
        steps.append(_Step(edit.path, steps[-1].new, applied(steps[-1].new, edit.path, edit.value)))
    wanted = [*values[:document], steps[-1].new, *values[document + 1 :]]
    if len(edits) > _MOST_SINGLE_EDITS:
        steps = [_Step((), values[document], steps[-1].new)]
    editing = _Editing(document, wanted)
    try:
        done = editing.quickly(body, steps)
    except (ValueError, YamlError):
        done = None
    done = done or editing.carefully(body, steps)
    return Edited(text[: len(text) - len(body)] + done.text, done.reformatted)


@dataclass(frozen=True, slots=True)
class _Step:
    """One edit: where, and the whole value of the document before and after it."""

    path: Path
    old: JsonValue
    new: JsonValue

    def finer(self) -> Iterator[_Step]:
        """The same in steps of one key each, as far as mappings allow it."""
        old = self.old
        for path, value in changes(self.path, get(self.old, self.path), get(self.new, self.path)):
            new = applied(old, path, value)
            yield _Step(path, old, new)
            old = new


@dataclass(frozen=True, slots=True)
class _Editing:
    """Edits of one document; ``wanted`` is what all documents of the file shall be."""

    document: int
    wanted: Sequence[JsonValue]

    def quickly(self, text: str, steps: Sequence[_Step]) -> Edited | None:
        """Make all edits, and read the result once."""
        reformatted: list[str] = []
        for step in steps:
            done = self._smallest(text, step, has_blocks=True)
            text = done.text
            reformatted += done.reformatted
        return Edited(text, _unique(reformatted)) if self._reads(text, self.wanted[self.document]) else None

    def carefully(self, text: str, steps: Sequence[_Step]) -> Edited:
        """Make each edit in the first way whose result reads back, the one that reformats the least first.

        Raises:
            EditFailed: There is no such way.
        """
        reformatted: list[str] = []
        finer = [one for step in steps for one in step.finer()]
        for step in finer if len(finer) <= _MOST_SINGLE_EDITS else steps:
            done = next(self._ways(text, step), None)
            if done is None:
                raise EditFailed(f"no way of writing {dotted(step.path) or 'the document'} reads back as the same")
            text = done.text
            reformatted += done.reformatted
        return Edited(text, _unique(reformatted))

    def _ways(self, text: str, step: _Step) -> Iterator[Edited]:
        """The ways of making an edit that read back."""
        if same_json(step.old, step.new):
            yield Edited(text)
        around = [(self._around, step.path[:length]) for length in reversed(range(len(step.path) + 1))]
        makers = [(self._smallest, step.path), *around]
        for make, path in makers:
            for has_blocks in (True, False):
                try:
                    done = make(text, _Step(path, step.old, step.new), has_blocks=has_blocks)
                    if self._reads(done.text, step.new):
                        yield done
                except (ValueError, YamlError):
                    continue
        try:
            done = self._whole(text, step.new)
            if self._reads(done.text, step.new):
                yield done
        except (ValueError, YamlError):
            return

    def _smallest(self, text: str, step: _Step, *, has_blocks: bool) -> Edited:
        """Change the nodes that differ."""
        work = make_work(text, self.document, has_blocks=has_blocks)
        operations = toward(work.tree.root, step.path, step.old, step.new)
        new = rewrite(work, operations, step.old) if operations else text
        return Edited(new, tuple(map(self._name, work.reformatted)))

    def _around(self, text: str, step: _Step, *, has_blocks: bool) -> Edited:
        """Write the mapping or list at a path again."""
        work = make_work(text, self.document, has_blocks=has_blocks)
        found = at(work.tree.root, step.path)
        value = get(step.new, step.path)
        if found is None or isinstance(value, Removed):
            raise ValueError("the place has no node of its own")
        operations: list[Operation] = [SetValue(*found, value, is_rewrite=True)]
        new = rewrite(work, operations, step.old)
        return Edited(new, tuple(map(self._name, work.reformatted)))

    def _whole(self, text: str, value: JsonValue) -> Edited:
        """Write the document again."""
        if not isinstance(value, Mapping):
            raise ValueError("a document is a mapping")  # noqa: TRY004 - a way of writing that does not fit
        work = make_work(text, self.document, has_blocks=True)
        source, root = work.source, work.tree.root
        written = emit(value).removesuffix("\n").replace("\n", source.line_break)
        start, end = source.content(root), source.line_end(source.end(root))
        is_last = end == len(text)
        new = text[:start] + written + text[end:] + source.line_break * is_last
        return Edited(new, (self._name(()),))

    def _name(self, path: Path) -> str:
        document = f"document {self.document + 1}"
        if not path:
            return document
        return f"{dotted(path)} of {document}" if len(self.wanted) > 1 else dotted(path)

    def _reads(self, text: str, value: JsonValue) -> bool:
        """Whether a text has the wanted documents, with a value in place of the edited one."""
        found = _read(text)
        wanted = [*self.wanted[: self.document], value, *self.wanted[self.document + 1 :]]
        return len(found) == len(wanted) and all(map(same, found, wanted))


def _read(text: str) -> list[JsonValue]:
    try:
        return [document.value for document in parse_documents(text)]
    except YamlError as error:
        raise EditFailed(f"not valid YAML: {error}") from error


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
