from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.errors import UnknownName
from assistant_sync.model.outcome import Attribution
from assistant_sync.operations.history import HistoryRequest, history

if TYPE_CHECKING:
    from assistant_sync.model.history import History
    from tests.operations.memory_project import MemoryProject


def read(project: MemoryProject, key: str = "support", **request: Any) -> History:
    found = project.run_at_once(history(HistoryRequest(settings=project.settings(), key=key, **request)))
    assert project.transport.writes == []
    return found


def test_an_assistant_that_was_never_applied_has_no_history(project: MemoryProject) -> None:
    project.manifest("support")
    with pytest.raises(UnknownName, match="no live assistant with the key 'support'"):
        read(project)


def test_versions_name_the_commits_that_they_came_from(project: MemoryProject) -> None:
    own = project.manifest("support")
    sha = project.commit("Begin")
    project.settle()
    project.manifest("support", name="Another")
    project.settle()
    project.deployment.patch(own, name="By hand")
    third, second, first = read(project).entries
    assert (third.attribution, third.commit) == (Attribution.OUTSIDE, None)
    assert (second.commit, second.facts) == (f"{sha}-dirty", first.facts)
    assert first.facts is not None
    assert (first.facts.author, first.facts.subject, first.source) == ("Ann", "Begin", "assistants/support.yaml")


def test_a_commit_of_another_repository_has_no_facts(project: MemoryProject) -> None:
    project.manifest("support")
    sha = project.commit("Begin")
    project.settle()
    (project.folder / ".git").rename(project.folder / "elsewhere")
    found = read(project)
    assert (found.has_git, found.entries[0].commit, found.entries[0].facts) == (False, sha, None)
    project.git("init", "-q")
    found = read(project)
    assert (found.has_git, found.entries[0].facts) == (True, None)


def test_the_limit_counts_what_it_leaves_out(project: MemoryProject) -> None:
    own = project.manifest("support")
    project.settle()
    for number in range(4):
        project.deployment.patch(own, name=str(number))
    found = read(project, limit=2)
    assert ([one.version for one in found.entries], found.rest, found.highest) == ([5, 4], 3, 5)


def test_manifests_that_cannot_be_read_do_not_matter(project: MemoryProject) -> None:
    project.manifest("support")
    project.settle()
    project.write("assistants/bad.yaml", "graph_id: [")
    assert len(read(project).entries) == 1
