"""The floor plan holds: who may import whom, where each library lives, and how large a room may be."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

SOURCE = Path(__file__).parent.parent / "src" / "assistant_sync"

GROUND = {"problem", "errors", "suggest", "__version__"}
"""What every package may import."""

FACTS = {"model", "redaction", "planning", "checking"}

BELOW_OPERATIONS = FACTS | {
    "repository", "manifests", "transport", "live", "documents", "locking", "applying", "doctor"
}  # fmt: skip

MAY_IMPORT: Mapping[str, set[str]] = {
    "problem": set(),
    "errors": set(),
    "suggest": set(),
    "model": set(),
    "redaction": {"model"},
    "planning": {"model", "redaction"},
    "checking": {"model", "redaction", "planning"},
    "repository": FACTS,
    "manifests": FACTS | {"repository"},
    "transport": FACTS,
    "live": FACTS | {"transport"},
    "forge": FACTS | {"transport"},
    "documents": FACTS,
    "report": FACTS,
    "locking": FACTS | {"transport", "live"},
    "applying": FACTS | {"transport", "live"},
    "doctor": FACTS | {"transport", "live"},
    "operations": BELOW_OPERATIONS,
    "publishing": FACTS | {"transport", "forge", "report"},
    "cli": BELOW_OPERATIONS | {"operations", "forge", "report", "publishing"},
    "__main__": {"cli"},
    "__init__": set(),
}
"""What stands before each package, beside the ground."""

HOMES = {
    "yaml": {"manifests"},
    "httpx": {"transport", "live", "forge"},
    "httpcore": {"transport"},
    "deepdiff": {"planning"},
    "rfc8785": {"planning"},
    "click": {"cli"},
    "rich": {"report", "cli"},
    "msgspec": {"model", "manifests", "live", "planning"},
    "platformdirs": {"manifests"},
    "pydantic": {"manifests", "documents"},
    "pydantic_core": {"manifests", "live", "documents"},
    "jsonschema_rs": {"manifests"},
}
"""Each library's one home, or the few that the floor plan names."""

LONGEST_FUNCTION, LONGEST_MODULE = 40, 300

MODULES = sorted(SOURCE.rglob("*.py"))
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in MODULES}

each_module = pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))


def package_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def name_of(path: Path) -> str:
    """The dotted name of a module."""
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[str]:
    """Every module or name that a file imports, wherever in the file, for types alone included."""
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def circle(needs: Mapping[str, set[str]]) -> list[str]:
    """What cannot be put in an order; empty where everything can."""
    left = {name: set(others) - {name} for name, others in needs.items()}
    while ready := [name for name, others in left.items() if not others & left.keys()]:
        for name in ready:
            del left[name]
    # What only hangs on a circle is none.
    while loose := [name for name in left if all(name not in others for others in left.values())]:
        for name in loose:
            del left[name]
    return sorted(left)


def test_each_package_has_its_place_in_the_order() -> None:
    assert {package_of(path) for path in MODULES} <= set(MAY_IMPORT)


@each_module
def test_a_module_imports_only_what_stands_before_its_package(path: Path) -> None:
    own = package_of(path)
    ours = {name.split(".")[1] for name in imports(path) if name.startswith("assistant_sync.")}
    assert ours <= MAY_IMPORT[own] | {own} | GROUND


def test_the_order_has_no_circles() -> None:
    assert circle(MAY_IMPORT) == []


def test_no_two_modules_import_each_other_not_even_for_types() -> None:
    names = {name_of(path) for path in MODULES}

    def modules(imported: Iterable[str]) -> set[str]:
        """The modules of ours that names come from; a package's own face is none."""
        return {name if name in names else name.rpartition(".")[0] for name in imported} & names

    needs = {name_of(path): modules(imports(path)) for path in MODULES if path.name != "__init__.py"}
    assert circle(needs) == []


@pytest.mark.parametrize(
    ("needs", "found"),
    [
        ({"a": {"b"}, "b": {"c"}, "c": set[str]()}, []),
        ({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}, ["b", "c"]),
        ({"a": {"a"}}, []),
    ],
)
def test_a_circle_would_be_seen(needs: dict[str, set[str]], found: list[str]) -> None:
    assert circle(needs) == found


@each_module
def test_each_library_is_imported_in_its_home_only(path: Path) -> None:
    used = {name.split(".")[0] for name in imports(path)} - {"assistant_sync", "__future__"} - sys.stdlib_module_names
    strange = {library for library in used if package_of(path) not in HOMES.get(library, set())}
    assert strange == set()


@each_module
def test_functions_and_modules_are_small(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST_MODULE
    sizes = {
        node.name: (node.end_lineno or node.lineno) - node.lineno + 1
        for node in ast.walk(TREES[path])
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: size for name, size in sizes.items() if size > LONGEST_FUNCTION} == {}


@each_module
def test_replace_is_the_one_that_knows_structs_and_dataclasses(path: Path) -> None:
    if path.name != "frozen.py":
        imported = [node for node in ast.walk(TREES[path]) if isinstance(node, ast.ImportFrom)]
        taken = [
            one.name for node in imported if node.module in ("dataclasses", "msgspec.structs") for one in node.names
        ]
        assert "replace" not in taken


def test_only_the_command_line_prints() -> None:
    printing = [
        f"{path.relative_to(SOURCE)}:{node.lineno}"
        for path in MODULES
        if package_of(path) != "cli"
        for node in ast.walk(TREES[path])
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert printing == []


def is_code(node: ast.AST) -> bool:
    """Whether a node names an exit code."""
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name.lower().strip("_") in {"code", "exit_code", "returncode", "bug", "usage", "interrupted", "refused"}


def numbers_as_codes(tree: ast.AST) -> Iterator[int]:
    """The lines in which a number stands for an exit code."""

    def is_number(node: ast.AST | None) -> bool:
        return isinstance(node, ast.Constant) and type(node.value) is int

    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=targets, value=value) if any(map(is_code, targets)) and is_number(value):
                yield node.lineno
            case ast.AnnAssign(target=target, value=value) if is_code(target) and is_number(value):
                yield node.lineno
            case ast.keyword(arg="exit_code", value=value) if is_number(value):
                yield value.lineno
            case ast.Compare(left=left, comparators=others) if any(map(is_code, [left, *others])):
                yield from (one.lineno for one in [left, *others] if is_number(one))
            case ast.Call(func=ast.Attribute(attr="exit"), args=[first, *_]) if is_number(first):
                yield node.lineno
            case ast.FunctionDef(name="command" | "main" | "exit_code" | "_exit_code"):
                returned = (inner for inner in ast.walk(node) if isinstance(inner, ast.Return))
                yield from (one.lineno for one in returned if one.value and any(map(is_number, ast.walk(one.value))))


def test_exit_codes_are_numbers_in_errors_alone() -> None:
    found = [
        f"{path.relative_to(SOURCE)}:{line}"
        for path in MODULES
        if path.name != "errors.py"
        for line in numbers_as_codes(TREES[path])
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "exit_code = 5",
        "_BUG = 70",
        "exit_code: int = 1",
        "Failure(exit_code=7)",
        "x if code == 130 else y",
        "sys.exit(3)",
        "def command():\n    return 0 if ok else 3",
    ],
)
def test_a_number_that_is_an_exit_code_would_be_seen(line: str) -> None:
    assert list(numbers_as_codes(ast.parse(line))) != []
