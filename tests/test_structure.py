"""The floor plan holds: who may import whom, and which library lives where (CONTRIBUTING.md)."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Path(__file__).parent.parent / "src" / "assistant_sync"

MAY_IMPORT = {
    "errors": {"model"},
    "model": set(),
    "planning": {"model"},
    "repository": {"model"},
    "manifests": {"model", "planning", "repository"},
    "transport": {"model", "planning"},
    "live": {"model", "planning", "transport"},
    "forge": {"model", "planning", "transport"},
    "documents": {"model", "planning"},
    "report": {"model", "planning"},
    "applying": {"model", "planning", "live", "transport"},
    "operations": {
        "model", "planning", "repository", "manifests", "transport", "live", "documents", "applying",
    },
    "cli": {
        "model", "planning", "repository", "manifests", "transport", "live", "forge", "documents", "report", "applying",
        "operations",
    },
    "__main__": {"cli"},
    "__init__": set(),
}  # fmt: skip
"""What stands before each package; ``errors`` may be imported by all, and names a problem's type itself."""

ANYWHERE = {"errors", "__version__"}

HOMES = {
    "yaml": {"manifests"},
    "git": {"repository"},
    "httpx": {"transport", "live", "forge"},
    "deepdiff": {"planning"},
    "rfc8785": {"planning"},
    "click": {"cli"},
    "rich": {"report", "cli"},
    "pydantic": {"manifests", "live", "documents"},
    "pydantic_core": {"manifests", "live", "documents"},
}
"""Each library's one home, or the few that the floor plan names."""

MODULES = sorted(SOURCE.rglob("*.py"))


def package_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_each_package_has_its_place_in_the_order() -> None:
    assert {package_of(path) for path in MODULES} <= set(MAY_IMPORT)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_module_imports_only_what_stands_before_its_package(path: Path) -> None:
    own = package_of(path)
    ours = {name.split(".")[1] for name in imports(path) if name.startswith("assistant_sync.")}
    assert ours <= MAY_IMPORT[own] | {own} | ANYWHERE


def test_the_order_has_no_circles() -> None:
    done: set[str] = {"errors"}
    left = dict(MAY_IMPORT)
    while left:
        ready = [name for name, needs in left.items() if needs - {name} <= done]
        assert ready, f"these import each other: {sorted(left)}"
        done |= set(ready)
        for name in ready:
            del left[name]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_each_library_is_imported_in_its_home_only(path: Path) -> None:
    used = {name.split(".")[0] for name in imports(path)} - {"assistant_sync", "__future__"} - sys.stdlib_module_names
    strange = {library for library in used if package_of(path) not in HOMES.get(library, set())}
    assert strange == set()


def test_only_the_command_line_prints() -> None:
    printing = [
        f"{path.relative_to(SOURCE)}:{node.lineno}"
        for path in MODULES
        if package_of(path) != "cli"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert printing == []
