"""Manifests that are kept: they and their problems are the same with it, without it, and with poison in it."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.manifests import documents, sources
from assistant_sync.manifests import kept as kept_module
from assistant_sync.manifests.kept import KeptManifests
from assistant_sync.manifests.load import loading
from assistant_sync.manifests.project.file import load_project
from assistant_sync.model.turns import at_once
from assistant_sync.redaction import mask_sent
from assistant_sync.repository.worktree import WorkTree
from tests.strategies import TEXT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assistant_sync.manifests.load import ManifestSet
    from assistant_sync.model.project import Project

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)

PROJECT = "version: 1\nproject: p\ntargets: {t: {url: 'http://127.0.0.1:1', overlay: over}}\n"

FILES = {
    "assistant-sync.yaml": PROJECT,
    "assistants/a.yaml": "graph_id: agent\ncontext: {prompt: {$file: a.md}, other: {$file: b.md}}\n",
    "assistants/b.yaml": (
        "key: b1\ngraph_id: agent\nname: First\nmoved_from: [b0]\nmetadata: {team: x, gone: null}\n---\nkey: b2\n"
        "graph_id: agent\nassistant_id: 11111111-1111-4111-8111-111111111111\n"
        "lifecycle: {prevent_delete: true, ignore_changes: [context.temperature]}\n"
        "config: {recursion_limit: 5, configurable: {a: 1.0, b: [1, true, null, -0.5]}}\n"
    ),
    "assistants/c.yaml": "graph_id: agent\ncontext: {prompt: 'TODO: write'}\n",
    "assistants/k.yaml": "graph_id: agent\ncontext: {key: sk-aaaaaaaaaaaaaaaaaaaa}\n",
    "assistants/a.md": "Be kind.\n",
    "assistants/b.md": "Be quick.\n",
    "over/a.yaml": "context: {temperature: 0.5, other: {$file: over.md}}\n",
    "over/over.md": "Be slow.\n",
}

FLAWED = ["assistants/c.yaml", "assistants/k.yaml"]


def write(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def project_of(folder: Path) -> Project:
    return load_project(folder / "assistant-sync.yaml")


def load(folder: Path, place: Path | None = None) -> ManifestSet:
    """What a plan loads; with a place, as the next one after whatever was loaded with it before."""
    project = project_of(folder)
    kept = None if place is None else KeptManifests(place, project)
    tree = WorkTree.open(folder)
    return at_once(loading(project, project.targets["t"], tree, pruning=False, ci=False, kept=kept))


def exact(found: ManifestSet) -> tuple[ManifestSet, str]:
    """With the contents as text, in which 1, 1.0 and true differ."""
    return found, repr([(one.content, dict(one.included)) for one in found.desired])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "project", FILES)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "kept.json"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The manifests' files that are parsed."""
    files: list[str] = []
    parse = sources.read_sources

    def noting(tree: Any, file: str, **options: Any) -> Any:
        files.append(file)
        return parse(tree, file, **options)

    monkeypatch.setattr(documents, "read_sources", noting)
    return files


def test_the_manifests_and_their_problems_are_the_same(folder: Path, place: Path) -> None:
    without = exact(load(folder))
    assert {problem.file for problem in without[0].problems} == set(FLAWED)
    assert exact(load(folder, place)) == without
    assert place.exists()
    assert exact(load(folder, place)) == without
    assert exact(load(folder, place)) == without


def test_only_what_has_problems_or_has_changed_is_parsed_again(folder: Path, place: Path, read: list[str]) -> None:
    load(folder, place)
    assert read == ["assistants/a.yaml", "assistants/b.yaml", *FLAWED]
    read.clear()
    load(folder, place)
    assert read == FLAWED
    read.clear()
    (folder / "assistants/b.yaml").write_text(FILES["assistants/b.yaml"] + "# a comment\n")
    load(folder, place)
    assert read == ["assistants/b.yaml", *FLAWED]
    read.clear()
    load(folder, place)
    assert read == FLAWED


def test_what_another_overlay_was_built_with_is_not_asked_for_again(folder: Path, place: Path, read: list[str]) -> None:
    load(folder, place)
    write(folder, {"over/a.yaml": "metadata: {key: [1]}\nname: sk-aaaaaaaaaaaaaaaaaaaa\n", "over/b.yaml": INVALID})
    load(folder, place)
    read.clear()
    load(folder, place)
    assert read == ["assistants/b.yaml", *FLAWED]


INVALID = "key: b2\nassistant_id: nope\n"

EDITS = {
    "an included text": {"assistants/a.md": "Be brief.\n"},
    "an included text that the overlay replaces": {"assistants/b.md": "sk-aaaaaaaaaaaaaaaaaaaa\n"},
    "an included text that is empty now": {"assistants/a.md": ""},
    "a text of the overlay": {"over/over.md": "Be slower.\n"},
    "a patch": {"over/a.yaml": "context: {temperature: 0.7}\n"},
    "a patch with the text in place of the file": {
        "over/a.yaml": "context: {temperature: 0.5, other: 'Be slow.\n\n  '}\n"
    },
    "a patch that is not valid": {"over/b.yaml": INVALID},
    "another patch": {"over/b.yaml": "key: b1\nname: Patched\n"},
    "a patch for a former key": {"over/b.yaml": "key: b0\nname: Patched\n"},
    "a patch that looks unfinished": {"over/a.yaml": "context: {prompt: 'TODO: write'}\n"},
    "the project's name": {"assistant-sync.yaml": PROJECT.replace("project: p", "project: q")},
    "its former names": {"assistant-sync.yaml": PROJECT + "former_projects: [o]\n"},
    "its literals": {"assistant-sync.yaml": PROJECT + "allow_literals: [{path: context.key, reason: a demo}]\n"},
    "a manifest with a key that is taken": {"assistants/d.yaml": "key: b2\ngraph_id: agent\n"},
    "a manifest with an id that is taken": {
        "assistants/d.yaml": "graph_id: agent\nassistant_id: 11111111-1111-4111-8111-111111111111\n"
    },
    "a manifest with a former key": {"assistants/b0.yaml": "graph_id: agent\n"},
    "a manifest that is the same tool": {"assistants/d.yaml": "graph_id: agent\nname: First\n"},
    "a manifest whose graph has an id that is taken": {
        "assistants/d.yaml": "graph_id: other\nassistant_id: 11111111-1111-4111-8111-111111111111\n"
    },
    "a manifest that is not valid": {"assistants/a.yaml": "graph_id: [agent]\n"},
    "a manifest without content": {"assistants/a.yaml": "\n"},
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_edit_is_seen_and_its_undoing_too(edit: Mapping[str, str], folder: Path, place: Path) -> None:
    before = exact(load(folder, place))
    write(folder, edit)
    after = exact(load(folder))
    assert after != before
    assert exact(load(folder, place)) == after
    assert exact(load(folder, place)) == after
    for name in edit:
        (folder / name).unlink()
    write(folder, {name: text for name, text in FILES.items() if name in edit})
    assert exact(load(folder, place)) == before


@pytest.mark.parametrize("name", ["assistants/a.md", "assistants/b.md", "over/a.yaml", "over/over.md"])
def test_a_file_that_is_gone_is_missed(name: str, folder: Path, place: Path) -> None:
    before = load(folder, place)
    (folder / name).unlink()
    after = load(folder)
    assert after != before
    assert load(folder, place) == after


def test_a_file_that_is_renamed_has_another_key(folder: Path, place: Path) -> None:
    load(folder, place)
    (folder / "assistants/a.yaml").rename(folder / "assistants/z.yaml")
    after = load(folder)
    assert [one.key for one in after.desired] == ["b1", "b2", "c", "k", "z"]
    assert load(folder, place) == after


@pytest.mark.parametrize("bound", [*range(90, 300, 10), 10_000])
def test_texts_count_as_repeated_whether_they_are_kept_or_not(
    bound: int, folder: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, {f"assistants/n{number}.yaml": FILES["assistants/a.yaml"] for number in range(9)})
    load(folder, place)
    for module in ("documents", "load"):
        monkeypatch.setattr(f"assistant_sync.manifests.{module}.MAX_REPEATED_CHARACTERS", bound)
    assert exact(load(folder, place)) == exact(load(folder))


def test_too_many_aliases_end_the_reading_where_they_are(
    folder: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(folder, place)
    write(folder, {"assistants/a.yaml": f"graph_id: agent\ncontext: {{x: &x '{'y' * 600}', z: [*x, *x]}}\n"})
    for module in ("documents", "load"):
        monkeypatch.setattr(f"assistant_sync.manifests.{module}.MAX_REPEATED_CHARACTERS", 1000)
    without = load(folder)
    assert without.documents == 0
    assert exact(load(folder, place)) == exact(without)


def test_a_text_that_nothing_includes_any_more_is_neither_read_nor_missed(folder: Path, place: Path) -> None:
    load(folder, place)
    write(folder, {"assistants/a.md": "TODO: write\n", "over/a.yaml": "context: {temperature: 0.5}\n"})
    without = load(folder)
    assert "over/over.md" not in without.files
    assert load(folder, place) == without
    (folder / "over/over.md").unlink()
    assert load(folder, place) == load(folder) == without


@pytest.mark.parametrize(
    ("written", "secret"),
    [
        ("plain-team-word", "Bearer plain-team-word"),
        ("'it''s-a-team-word'", "it's-a-team-word"),
        ('"plain\\x2dteam-word"', "plain-team-word"),
        ("plain-team-word\n    x", "plain-team-word x"),
    ],
    ids=["plain", "quoted", "escaped", "folded"],
)
def test_a_secret_that_is_sent_by_now_is_found_in_what_was_kept_before(
    written: str, secret: str, folder: Path, place: Path, read: list[str]
) -> None:
    write(folder, {"assistants/a.yaml": f"graph_id: agent\ncontext: {{prompt: {written}, other: {{$file: b.md}}}}\n"})
    load(folder, place)
    read.clear()
    load(folder, place)
    assert read == FLAWED
    mask_sent([secret])
    without = load(folder)
    assert "assistants/a.yaml" in {problem.file for problem in without.problems}
    assert load(folder, place) == without


def test_a_secret_that_is_sent_by_now_is_found_in_an_included_text(folder: Path, place: Path) -> None:
    write(folder, {"assistants/b.md": "Say plain-team-word.\n"})
    load(folder, place)
    mask_sent(["plain-team-word"])
    without = load(folder)
    assert "assistants/a.yaml" in {problem.file for problem in without.problems}
    assert load(folder, place) == without


def test_what_cannot_be_kept_any_more_is_not_looked_for_again(folder: Path, place: Path, read: list[str]) -> None:
    (folder / "assistants/b.yaml").unlink()  # or it would be a new entry, with which the old one goes
    load(folder, place)
    write(folder, {"over/a.yaml": f"context: {{prompt: {'x' * 270_000}}}\n"})
    load(folder, place)
    read.clear()
    load(folder, place)
    assert read == ["assistants/a.yaml", *FLAWED]


def test_valid_files_are_kept_beside_one_that_is_not(folder: Path, place: Path, read: list[str]) -> None:
    write(folder, {"assistants/d.yaml": "graph_id: [x]\n"})
    load(folder, place)
    read.clear()
    load(folder, place)
    assert read == ["assistants/c.yaml", "assistants/d.yaml", "assistants/k.yaml"]


def test_more_than_is_read_is_not_written(folder: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant_sync.manifests.cache_file.MOST_BYTES", 100)
    load(folder, place)
    assert not place.exists()


def test_a_program_whose_modules_are_no_files_keeps_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_module, "__file__", str(folder / "archive.zip/assistant_sync/manifests/kept.py"))
    kept_module.program.cache_clear()
    try:
        project = project_of(folder)
        assert KeptManifests.open(project, project.targets["t"]) is None
    finally:
        kept_module.program.cache_clear()


@given(st.dictionaries(TEXT, VALUES, max_size=4))
def test_any_values_are_kept_as_they_are_or_not_at_all(value: dict[str, Any]) -> None:
    with TemporaryDirectory() as name:
        text = yaml.safe_dump({"graph_id": "agent", "context": value, "metadata": value}, allow_unicode=True)
        folder = write(Path(name), {"assistant-sync.yaml": PROJECT, "over/.gitkeep": "", "assistants/a.yaml": text})
        without = exact(load(folder))
        assert exact(load(folder, folder / "kept.json")) == without
        assert exact(load(folder, folder / "kept.json")) == without


@pytest.mark.parametrize(
    "text",
    ["context: &x [1]\nconfig: {a: *x}\n", "context: {a: {b}}\n", "context: {a: 'sk-aaaaaaaaaaaaaaaaaaaa'}\n"],
    ids=["alias", "placeholder", "credential"],
)
def test_what_counts_or_has_a_warning_is_parsed_each_time(
    text: str, folder: Path, place: Path, read: list[str]
) -> None:
    write(folder, {"assistants/a.yaml": "graph_id: agent\n" + text})
    load(folder, place)
    read.clear()
    load(folder, place)
    assert "assistants/a.yaml" in read


@pytest.mark.parametrize(("size", "is_kept"), [(250_000, True), (270_000, False)])
def test_a_large_file_is_parsed_each_time(size: int, is_kept: bool, folder: Path, place: Path, read: list[str]) -> None:
    write(folder, {"assistants/a.yaml": f"graph_id: agent\ncontext: {{prompt: {'x' * size}}}\n"})
    load(folder, place)
    read.clear()
    load(folder, place)
    assert ("assistants/a.yaml" not in read) is is_kept


@given(st.data())
def test_a_poisoned_file_gives_what_was_built_or_nothing(data: st.DataObject) -> None:
    with TemporaryDirectory() as name:
        folder, place = write(Path(name) / "project", FILES), Path(name) / "kept.json"
        without = exact(load(folder, place))
        text = bytearray(place.read_bytes())
        position = data.draw(st.integers(0, len(text) - 1))
        text[position] = data.draw(st.integers(0, 255))
        place.write_bytes(bytes(text))
        assert exact(load(folder, place)) == without


@pytest.mark.parametrize("number", [0, 1])
def test_each_poisoned_entry_is_dropped(number: int, folder: Path, place: Path) -> None:
    without = load(folder, place)
    checksum, _, text = place.read_text("utf-8").partition("\n")
    document = json.loads(text)
    assert len(document["files"]) == 2
    manifest = [*document["files"].values()][number][0][0]
    manifest[manifest.index("agent")] = "evil"
    place.write_text(f"{checksum}\n{json.dumps(document, separators=(',', ':'))}")
    assert load(folder, place) == without


def test_another_programs_entries_are_not_used(
    folder: Path, place: Path, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    load(folder, place)
    read.clear()
    monkeypatch.setattr(kept_module, "program", lambda: "another version")
    load(folder, place)
    assert len(read) == 4


def test_what_is_no_longer_used_is_dropped_with_the_next_new_entry(folder: Path, place: Path) -> None:
    load(folder, place)
    write(folder, {"assistants/a.yaml": "graph_id: other\n"})
    load(folder, place)
    files = json.loads(place.read_text("utf-8").partition("\n")[2])["files"]
    assert len(files) == 2
    assert "Be kind" not in place.read_text("utf-8")


def test_nothing_is_written_if_nothing_is_new(folder: Path, place: Path) -> None:
    load(folder, place)
    before = place.stat().st_ino
    load(folder, place)
    assert place.stat().st_ino == before


def test_the_file_is_its_owners_alone(folder: Path, place: Path) -> None:
    load(folder, place)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600


class TestPlace:
    """Where it is kept."""

    def test_each_project_and_target_has_its_own_file(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        two = PROJECT.replace("targets: {", "targets: {u: {url: 'http://127.0.0.1:2'}, ")
        project = project_of(write(folder, {"assistant-sync.yaml": two}))
        other = project_of(write(folder / "other", {**FILES, "assistant-sync.yaml": two}))
        for owner, name in ((project, "t"), (project, "u"), (other, "t")):
            kept = KeptManifests.open(owner, owner.targets[name])
            assert kept is not None
            tree = WorkTree.open(owner.folder)
            at_once(loading(owner, owner.targets[name], tree, pruning=False, ci=False, kept=kept))
        assert len([*(folder / "cache/assistant-sync/built").iterdir()]) == 3

    def test_a_folder_that_others_may_write_is_not_used(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
        project = project_of(folder)
        assert KeptManifests.open(project, project.targets["t"]) is not None
        cache = folder / "assistant-sync" / "built"
        assert stat.S_IMODE(cache.stat().st_mode) == 0o700
        cache.chmod(0o777)
        assert KeptManifests.open(project, project.targets["t"]) is None

    def test_without_a_folder_nothing_is_kept(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (folder / "file").write_text("")
        monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "file"))
        project = project_of(folder)
        assert KeptManifests.open(project, project.targets["t"]) is None

    def test_the_folder_is_found_without_a_home(
        self, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
        monkeypatch.setenv("HOME", str(tmp_path / "home"))
        project = project_of(folder)
        assert KeptManifests.open(project, project.targets["t"]) is not None
        assert [*(tmp_path / "home").iterdir()] != []
