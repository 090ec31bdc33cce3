"""A problem in one of the user's files, with line and column."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Severity(Enum):
    """Whether a problem stops the command."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One problem; sorts by file, line and column.

    Attributes:
        file: Path relative to the project file's folder, with forward slashes.
        line: From 1; 0 if the problem concerns the whole file.
        column: From 1; 0 if the problem concerns the whole file or line.
        message: What is wrong and the way out.
        severity: Errors stop the command, warnings do not.
    """

    file: str
    line: int
    column: int
    message: str
    severity: Severity = Severity.ERROR

    @property
    def is_error(self) -> bool:
        """Whether this stops the command."""
        return self.severity is Severity.ERROR

    def __str__(self) -> str:
        place = self.file
        if self.line:
            place += f":{self.line}:{self.column or 1}"
        label = "" if self.is_error else "warning: "
        return f"{place}: {label}{self.message}"
