"""Parsed files that are kept: the plan is the same with them, without them, and with poisoned ones."""

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

from assistant_sync.manifests import kept as kept_module
from assistant_sync.manifests.kept import KeptDocuments, ParsedFile
from assistant_sync.manifests.load import loading
from assistant_sync.manifests.project.file import load_project
from assistant_sync.manifests.yaml12.errors import YamlError
from assistant_sync.manifests.yaml12.parser import parse_documents
from assistant_sync.model.turns import at_once
from assistant_sync.repository.worktree import WorkTree
from tests.strategies import TEXT

if TYPE_CHECKING:
    from assistant_sync.manifests.load import ManifestSet

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)

MANIFEST = b"graph_id: agent\ncontext: {a: 1, b: 1.0, c: [true, null, 'x']}\n"


def parsed(data: bytes, **flags: bool) -> ParsedFile:
    return ParsedFile(parse_documents(data.decode()), **{"may_include": False, "is_clean": True, **flags})


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "kept.json"


def kept_with(place: Path, data: bytes = MANIFEST) -> KeptDocuments:
    """What the next plan finds after one that parsed a file."""
    first = KeptDocuments(place)
    first.put(data, parsed(data))
    first.save()
    return KeptDocuments(place)


def test_nothing_is_known_at_first(place: Path) -> None:
    assert KeptDocuments(place).get(MANIFEST) is None
    KeptDocuments(place).save()
    assert not place.exists()


def test_what_is_kept_is_what_was_parsed(place: Path) -> None:
    found, expected = kept_with(place).get(MANIFEST), parsed(MANIFEST)
    assert found is not None
    assert (found.may_include, found.is_clean) == (expected.may_include, expected.is_clean)
    (one,), (other,) = found.documents, expected.documents
    assert (repr(one.value), one.line, set(one.keys)) == (repr(other.value), other.line, set(other.keys))


@given(st.dictionaries(TEXT, VALUES, max_size=4))
def test_any_values_are_kept_as_they_are_or_not_at_all(value: dict[str, Any]) -> None:
    data = yaml.safe_dump(value, allow_unicode=True).encode()
    try:
        expected = parsed(data)
    except YamlError:
        return
    with TemporaryDirectory() as folder:
        found = kept_with(Path(folder) / "kept.json", data).get(data)
    assert found is None or repr(found.documents[0].value) == repr(expected.documents[0].value)


def test_other_bytes_are_not_known(place: Path) -> None:
    assert kept_with(place).get(MANIFEST + b"#\n") is None


@pytest.mark.parametrize(
    "data",
    [b"a: .nan\n", b"a: 99999999999999999999\n", b"a: &x [1]\nb: *x\n", b"a: {b}\n"],
    ids=["not finite", "large", "alias", "placeholder"],
)
def test_what_json_cannot_hold_is_parsed_each_time(data: bytes, place: Path) -> None:
    assert kept_with(place, data).get(data) is None


@given(st.data())
def test_a_poisoned_file_gives_what_was_parsed_or_nothing(data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        place = Path(folder) / "kept.json"
        kept_with(place)
        text = bytearray(place.read_bytes())
        position = data.draw(st.integers(0, len(text) - 1))
        text[position] = data.draw(st.integers(0, 255))
        place.write_bytes(bytes(text))
        found = KeptDocuments(place).get(MANIFEST)
    assert found is None or repr(found.documents[0].value) == repr(parsed(MANIFEST).documents[0].value)


def test_a_large_file_is_parsed_each_time(place: Path) -> None:
    assert kept_with(place, b"a: " + b"x" * 250_000 + b"\n").get(b"a: " + b"x" * 250_000 + b"\n") is not None
    assert kept_with(place, b"a: " + b"x" * 270_000 + b"\n").get(b"a: " + b"x" * 270_000 + b"\n") is None


def test_another_parsers_entries_are_not_used(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept_with(place)
    monkeypatch.setattr(kept_module, "_made_by", lambda: "another version")
    assert KeptDocuments(place).get(MANIFEST) is None


def test_what_is_no_longer_used_is_dropped_with_the_next_new_entry(place: Path) -> None:
    kept_with(place)
    other = b"graph_id: other\n"
    again = KeptDocuments(place)
    again.put(other, parsed(other))
    again.save()
    assert KeptDocuments(place).get(MANIFEST) is None
    assert KeptDocuments(place).get(other) is not None


def test_the_file_is_its_owners_alone(place: Path) -> None:
    kept_with(place)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600


def test_a_folder_that_others_may_write_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert KeptDocuments.open(tmp_path / "assistant-sync.yaml") is not None
    folder = tmp_path / "assistant-sync" / "parsed"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.chmod(0o777)
    assert KeptDocuments.open(tmp_path / "assistant-sync.yaml") is None


def test_without_a_folder_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert KeptDocuments.open(tmp_path / "assistant-sync.yaml") is None


class TestManifests:
    """The manifests of a project with includes and an overlay, with and without what is kept."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        folder = tmp_path / "project"
        for name, text in {
            "assistant-sync.yaml": "version: 1\nproject: p\ntargets: {t: {url: 'http://127.0.0.1:1', overlay: over}}\n",
            "assistants/a.yaml": "graph_id: agent\ncontext: {prompt: {$file: a.md}, key: sk-aaaaaaaaaaaaaaaaaaaa}\n",
            "assistants/b.yaml": "graph_id: agent\ncontext: {prompt: 'TODO: write'}\n",
            "assistants/a.md": "Be kind.\n",
            "over/a.yaml": "context: {temperature: 0.5}\n",
        }.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        return folder

    def load(self, folder: Path, kept: KeptDocuments | None) -> ManifestSet:
        project = load_project(folder / "assistant-sync.yaml")
        tree = WorkTree.open(folder)
        found = at_once(loading(project, project.targets["t"], tree, pruning=False, ci=False, kept=kept))
        if kept is not None:
            kept.save()
        return found

    def test_the_manifests_and_their_problems_are_the_same(self, folder: Path, place: Path) -> None:
        without = self.load(folder, None)
        assert self.load(folder, KeptDocuments(place)) == without
        assert place.exists()
        assert self.load(folder, KeptDocuments(place)) == without
        assert {problem.file for problem in without.problems} == {"assistants/a.yaml", "assistants/b.yaml"}

    def test_an_included_text_that_changes_is_seen(self, folder: Path, place: Path) -> None:
        self.load(folder, KeptDocuments(place))
        (folder / "assistants/a.md").write_text("Be brief.\n")
        (first, _) = self.load(folder, KeptDocuments(place)).desired
        assert first.content.context["prompt"] == "Be brief.\n"

    @pytest.mark.parametrize("number", [0, 1])
    def test_each_poisoned_entry_is_dropped(self, number: int, folder: Path, place: Path) -> None:
        without = self.load(folder, None)
        self.load(folder, KeptDocuments(place))
        checksum, _, text = place.read_text("utf-8").partition("\n")
        document = json.loads(text)
        assert len(document["files"]) == 2
        [*document["files"].values()][number][0][0][0]["graph_id"] = "evil"
        place.write_text(f"{checksum}\n{json.dumps(document, separators=(',', ':'))}")
        assert self.load(folder, KeptDocuments(place)) == without


def test_the_folder_is_found_without_a_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert KeptDocuments.open(tmp_path / "assistant-sync.yaml") is not None
    assert [*tmp_path.iterdir()] != []
