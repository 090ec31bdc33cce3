from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assistant_sync.errors import Denied, UnknownName
from assistant_sync.operations.unlock import unlock
from tests.applying.memory_deployment import THREAD, status

if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant_sync.model.lock import Lock
    from assistant_sync.operations.workspace import Settings
    from tests.operations.memory_project import MemoryProject


class Person:
    """Answers the question whether to go on.

    Attributes:
        asked: The locks that each question was about, by generation and who holds them.
    """

    def __init__(self, *, agrees: bool = True, meanwhile: Callable[[], object] = lambda: None) -> None:
        self.asked: list[list[tuple[int, str]]] = []
        self._agrees = agrees
        self._meanwhile = meanwhile

    def __call__(self, locks: tuple[Lock, ...]) -> bool:
        self.asked.append([(lock.generation, lock.by) for lock in locks])
        self._meanwhile()
        return self._agrees


def removed(project: MemoryProject, person: Person, settings: Settings | None = None) -> list[int]:
    """The generations of the locks that are removed."""
    locks = project.run_at_once(unlock(settings or project.settings(), approve=person))
    return [lock.generation for lock in locks]


def deleted(project: MemoryProject) -> list[str]:
    """The ids of what was deleted, in order."""
    return [one.path.rpartition("/")[2] for one in project.transport.writes if one.method == "DELETE"]


def test_without_a_lock_nobody_is_asked_and_nothing_is_sent(project: MemoryProject) -> None:
    person = Person()
    assert removed(project, person) == []
    assert (person.asked, project.transport.writes) == ([], [])


def test_a_lock_is_shown_and_removed(project: MemoryProject) -> None:
    own = project.leave_lock()
    person = Person()
    assert removed(project, person) == [1]
    assert (person.asked, deleted(project), project.lock_rows) == ([[(1, "bob@build")]], [own], [])


def test_the_highest_generation_is_removed_first(project: MemoryProject) -> None:
    ids = [project.leave_lock(generation) for generation in (2, 3, 1)]
    assert removed(project, Person()) == [1, 2, 3]
    assert deleted(project) == [ids[1], ids[0], ids[2]]


def test_a_person_who_says_no_leaves_the_locks(project: MemoryProject) -> None:
    project.leave_lock()
    assert removed(project, Person(agrees=False)) == []
    assert (len(project.lock_rows), project.transport.writes) == (1, [])


def test_a_lock_that_came_while_the_person_was_asked_is_removed_too(project: MemoryProject) -> None:
    first = project.leave_lock()
    made: list[str] = []
    person = Person(meanwhile=lambda: made.append(project.leave_lock(2)))
    assert removed(project, person) == [1, 2]
    assert deleted(project) == [made[0], first]


def test_a_lock_that_went_while_the_person_was_asked_is_not_reported(project: MemoryProject) -> None:
    own = project.leave_lock()
    person = Person(meanwhile=lambda: project.deployment.delete_thread(own))
    assert (removed(project, person), project.transport.writes) == ([], [])


def test_the_lock_of_another_project_stays(project: MemoryProject) -> None:
    theirs = project.leave_lock(project="another")
    project.leave_lock()
    assert removed(project, Person()) == [1]
    assert [row["thread_id"] for row in project.lock_rows] == [theirs]


def test_no_assistant_is_touched_and_no_manifest_is_read(project: MemoryProject) -> None:
    project.manifest("support")
    project.settle()
    project.write("assistants/bad.yaml", "graph_id: [")
    before = project.deployment.users()
    project.leave_lock()
    assert removed(project, Person()) == [1]
    assert project.deployment.users() == before


def test_a_target_that_does_not_exist_causes_no_request(project: MemoryProject) -> None:
    with pytest.raises(UnknownName, match="no target 'lokal'"):
        removed(project, Person(), project.settings(target="lokal"))
    assert project.transport.requests == []


def test_a_deployment_that_refuses_the_delete_is_an_error(project: MemoryProject) -> None:
    project.leave_lock()
    with pytest.raises(Denied):
        removed(project, Person(), project.settings(status(403, "DELETE", THREAD)))
    assert len(project.lock_rows) == 1
