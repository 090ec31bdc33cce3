"""Load the checks: every file is read, and every problem is reported with its file, line and column."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from assistant_sync.errors import RepositoryError
from assistant_sync.manifests.checks.asked import nobody_asked
from assistant_sync.manifests.diagnostics import Diagnostic, SourceLocator, SourceRef, Violation
from assistant_sync.manifests.documents import below, repeats_too_much
from assistant_sync.manifests.includes import Includes, Takers
from assistant_sync.manifests.project.file import CHECKS_FOLDER
from assistant_sync.manifests.rules.checked_out import files_not_checked_out, misspelt_suffixes
from assistant_sync.manifests.rules.lint import credentials, unfinished_texts
from assistant_sync.manifests.rules.tracked import untracked_files
from assistant_sync.manifests.sources import ANY_CASE, SUFFIXES, read_sources
from assistant_sync.manifests.wording import dotted
from assistant_sync.problem import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assistant_sync.manifests.checks.compiler import Compiler
    from assistant_sync.manifests.sources import Source
    from assistant_sync.model.assistant import Desired
    from assistant_sync.model.check import CheckFile
    from assistant_sync.model.project import Project
    from assistant_sync.problem import Problem
    from assistant_sync.repository.tree import Tree

_TAKERS = Takers(
    (("cases", "*", "ask"), ("cases", "*", "input"), ("cases", "*", "expect", "*", "judge", "rubric")),
    "ask, input and rubric",
    refused=(("cases", "*", "expect", "*", "equals", "value"),),
)
_CREDENTIAL = "{} looks like a credential; whoever can read the repository can read it. Ask with an invented one"


@dataclass(frozen=True, slots=True)
class CheckSet:
    """All checks of a project.

    Attributes:
        files: The documents without an error, in the order of their files.
        problems: Errors and warnings, sorted by file and place.
        read: Every file that was read, relative to the repository's top: checks and included texts.
    """

    files: tuple[CheckFile, ...] = ()
    problems: tuple[Problem, ...] = ()
    read: tuple[str, ...] = field(default=(), repr=False)


def load_checks(project: Project, tree: Tree, *, ci: bool, desired: Sequence[Desired] | None) -> CheckSet:
    """Load all checks of a project.

    Args:
        project: The project file.
        tree: The repository.
        ci: Whether this is continuous integration, where an untracked file is an error.
        desired: The desired assistants, of which some should be asked; None if they are not all known.

    Raises:
        RepositoryError: Git failed, or the project is outside of the repository.
    """
    home = tree.relative(project.folder)
    folder, project_file = below(home, CHECKS_FOLDER), below(home, project.file)
    reader = _Reader(tree, home, desired)
    listed, diagnostics = _listed(tree, home, folder)
    files = [file for file in listed if file.endswith(SUFFIXES)]
    for file in files:
        reader.read(file)
        if reader.is_full:
            break  # what follows would only cost time
    diagnostics += [*reader.diagnostics, *misspelt_suffixes(listed)]
    diagnostics += repeats_too_much(SourceRef(project_file, 0), reader.includes)
    diagnostics += files_not_checked_out(tree, [folder], reader.includes.asked, except_below=())
    if files:
        diagnostics += untracked_files(tree, files, reader.included, project_file=project_file, ci=ci)
    return CheckSet(
        files=tuple(reader.built),
        problems=reader.locator.problems(diagnostics),
        read=tuple(sorted({*files, *reader.includes.files})),
    )


def _listed(tree: Tree, home: str, folder: str) -> tuple[list[str], list[Diagnostic]]:
    """The files of the folder, whose suffix may be in capitals; none if there is no such folder."""
    if CHECKS_FOLDER not in tree.names(home):
        return [], []
    try:
        return tree.files(folder, ANY_CASE), []
    except RepositoryError as error:
        return [], [Diagnostic(SourceRef(folder), f"the folder of the checks cannot be read: {error.message}")]


class _Reader:
    """Reads one file after the other.

    Args:
        tree: The repository.
        home: The project file's folder, relative to its top.
        desired: The desired assistants; None if they are not all known.
    """

    def __init__(self, tree: Tree, home: str, desired: Sequence[Desired] | None) -> None:
        self.includes = Includes(tree)
        self.locator = SourceLocator(tree, home)
        self.built: list[CheckFile] = []
        self.diagnostics: list[Diagnostic] = []
        self.included: dict[str, SourceRef] = {}
        self._tree = tree
        self._knows_manifests = desired is not None
        self._keys = sorted(one.key for one in desired or ())
        self._graphs = sorted({one.content.graph_id for one in desired or ()})

    @cached_property
    def _compiler(self) -> Compiler:
        from assistant_sync.manifests.checks.compiler import Compiler  # as below

        return Compiler()

    @property
    def is_full(self) -> bool:
        """Whether aliases and includes repeat more than they may."""
        return next(repeats_too_much(SourceRef(""), self.includes), None) is not None

    def read(self, file: str) -> None:
        """Read the documents of a file."""
        sources, invalid = read_sources(
            self._tree, file, what="check", empty=Severity.WARNING, such_as="assistants: support"
        )
        self.diagnostics += invalid
        self.includes.count_aliases(sources)
        for written in sources:
            source, violations = self.includes.resolve(written, _TAKERS)
            self.diagnostics += map(source.diagnostic, violations)
            self._build(source)
            self.diagnostics += source.warnings(self._lint(written, source))
            for path, text in source.included.items():
                self.included.setdefault(text, source.ref(path))

    def _build(self, source: Source) -> None:
        def line(path: tuple[str | int, ...]) -> int:
            return self.locator.place(source.ref(path))[0]

        # Only here: it brings in pydantic, which a project without checks does not need.
        from assistant_sync.manifests.checks.build import build

        checks, violations = build(source.fields, self._compiler, self.locator.relative(source.file), line)
        kept = [one for one in violations if not _is_below_an_invalid_include(one, source)]
        self.diagnostics += map(source.diagnostic, kept)
        if checks is not None and not source.invalid_includes:
            self.built.append(checks)
            if self._knows_manifests:
                self.diagnostics += source.warnings(nobody_asked(checks, self._keys, self._graphs))

    def _lint(self, written: Source, source: Source) -> Iterator[Violation]:
        for path in credentials(written, source, self.includes):
            yield Violation(path, _CREDENTIAL.format(dotted(path)))
        yield from unfinished_texts(source, self.includes)


def _is_below_an_invalid_include(violation: Violation, source: Source) -> bool:
    """Whether a value is only wrong because the text that it should have could not be included."""
    return any(violation.path[: len(top)] == top for top in source.invalid_includes)
