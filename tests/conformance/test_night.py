"""A night of hand edits, moved pointers, deletes and merges: drift and history show each assistant as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.conformance.conformance_project import ConformanceProject

KEYS = ("accepted", "back", "deleted", "edited", "merged", "moved", "pending", "reverted", "same", "touched")


def content(key: str, **changed: Any) -> dict[str, Any]:
    """What a manifest wants; each differs, because a server may keep only one assistant with equal config."""
    base: dict[str, Any] = {"context": {"model": f"of {key}", "temperature": 0.2}, "config": {"tags": [key]}}
    return base | changed


def edit(project: ConformanceProject, own: str, **changed: Any) -> None:
    """Send what a UI sends: the whole content, because some servers empty what is left out."""
    row = project.deployment.get(own)
    config = {name: value for name, value in (row["config"] or {}).items() if name != "configurable"}
    whole = {"name": row["name"], "description": row["description"] or "", "context": row["context"], "config": config}
    project.deployment.patch(own, **whole | changed)


def play(project: ConformanceProject) -> dict[str, str]:
    """Play the night; the ids by key."""
    repository, deployment = project.repository, project.deployment
    ids = {key: repository.manifest(key, **content(key)) for key in KEYS}
    repository.commit("All of them")
    repository.apply()
    for key in ("moved", "back", "reverted"):
        repository.manifest(key, **content(key, name="Two"))
    repository.commit("Two")
    repository.apply()

    edit(project, ids["edited"], name="By hand")
    edit(project, ids["edited"], description="Also by hand")
    edit(project, ids["accepted"], name="By hand")
    edit(project, ids["back"], name="By hand")
    deployment.set_latest(ids["back"], 2)
    deployment.set_latest(ids["moved"], 1)
    edit(project, ids["touched"])
    deployment.delete(ids["deleted"])
    repository.manifest("merged", **content("merged", name="Merged"))
    repository.commit("Merged and applied")
    repository.apply("--only", "merged")
    repository.manifest("reverted", **content("reverted"))
    repository.commit("A revert, applied")
    repository.apply("--only", "reverted")
    repository.manifest("accepted", **content("accepted", name="By hand"))
    repository.manifest("pending", **content("pending", name="Pending"))
    repository.manifest("reverted", **content("reverted", name="Three"))
    repository.commit("The edit is taken over; others wait for their apply")
    return ids


def test_drift_shows_what_happened_and_nothing_else(project: ConformanceProject) -> None:
    play(project)
    report = project.repository.run("drift", "--format", "json").expect(2).json
    assert {one["key"]: one["kind"] for one in report["drifted"]} == {
        "edited": "edited",
        "moved": "moved",
        "deleted": "deleted",
    }
    assert report["pending"] == ["pending", "reverted"]
    assert report["warnings"] == []
    edited = next(one for one in report["drifted"] if one["key"] == "edited")
    assert [(one["version"], one["attribution"]) for one in edited["versions"]] == [(2, "outside"), (3, "outside")]
    assert {field["path"][0] for field in edited["fields"]} == {"name", "description"}
    moved = next(one for one in report["drifted"] if one["key"] == "moved")
    assert (moved["version"], moved["written_version"]) == (1, 2)


def test_history_shows_who_made_each_version(project: ConformanceProject) -> None:
    play(project)

    def history(key: str) -> list[tuple[int, str, bool]]:
        document = project.repository.run("history", key, "--format", "json").expect(0).json
        return [(one["version"], one["attribution"], one["active"]) for one in document["versions"]]

    assert history("edited") == [(3, "outside", True), (2, "outside", False), (1, "apply", False)]
    assert history("moved") == [(2, "apply", False), (1, "apply", True)]
    assert history("back") == [(3, "outside", False), (2, "apply", True), (1, "apply", False)]
    assert history("touched") == [(2, "outside", True), (1, "apply", False)]
    assert [one[:2] for one in history("merged")] == [(2, "apply"), (1, "apply")]
    assert history("same") == [(1, "apply", True)]


def test_a_pull_and_an_apply_end_the_night(project: ConformanceProject) -> None:
    play(project)
    report = project.repository.run("pull", "edited", "--format", "json").expect(0).json
    assert [one["key"] for one in report["pulled"]] == ["edited"]
    project.repository.commit("Take over the edit")
    assert "edited" not in project.repository.actions() or project.repository.actions()["edited"] == "keep"
    project.repository.apply()
    assert project.repository.run("drift").expect(0).code == 0
