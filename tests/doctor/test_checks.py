from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.doctor.checks import Observed, diagnose, with_failure
from assistant_sync.doctor.measuring import FIELDS
from assistant_sync.errors import Denied, Unreachable
from assistant_sync.model.deployment import Mirroring, Server
from assistant_sync.model.diagnosis import Check, Probe, State
from assistant_sync.model.identity import default_assistant_id
from assistant_sync.model.lock import Lock
from assistant_sync.model.project import Activation, Project, Target
from tests.builders import PROJECT, TARGET, URL, make_assistant, make_stamp

if TYPE_CHECKING:
    from assistant_sync.model.diagnosis import Diagnosis

DEFAULT = make_assistant("agent", assistant_id=default_assistant_id("agent"))
FULL = Probe(FIELDS, (), (), FIELDS[1:], (), Mirroring.YES)
PARTIAL = Probe(("name",), ("context", "graph_id"), (), FIELDS[2:], ("context",), Mirroring.YES)
LOCK = Lock(project=PROJECT, generation=1, holder="h", lease=60, by="ci job 7", commit=None)


def make_project(**target: Any) -> dict[str, Any]:
    made = Target(**{"name": TARGET, "url": URL, **target})
    project = Project(
        name=PROJECT, folder=Path("/repo"), file="assistant-sync.yaml", manifests="assistants", archive=None,
        default_target=TARGET, targets=MappingProxyType({TARGET: made}),
    )  # fmt: skip
    return {"project": project, "target": made, "url": made.url}


def sound(**members: Any) -> Observed:
    """All that an examination finds where nothing is wrong."""
    defaults: dict[str, Any] = {
        "key_source": "KEY", "manifests": 1, "needed": frozenset({"agent"}), "is_reached": True,
        "server": Server("LangGraph API server", "1.0", "langgraph 2"), "skew": 0, "rows": (DEFAULT,),
        "page_size": 1000, "served": frozenset({"agent"}), "locks": (),
    }  # fmt: skip
    return Observed(**{**make_project(), **defaults, **members})


def troubles(diagnosis: Diagnosis) -> list[tuple[str, str]]:
    return [(check.name, check.state.value) for check in diagnosis.checks if check.state is not State.OK]


def told(diagnosis: Diagnosis, name: str) -> Check:
    (check,) = (one for one in diagnosis.checks if one.name == name)
    return check


def test_nothing_is_wrong_where_nothing_is() -> None:
    diagnosis = diagnose(sound())
    assert (troubles(diagnosis), diagnosis.exit_code) == ([], 0)
    assert [check.name for check in diagnosis.checks] == [
        "manifests", "connection", "server", "authentication", "listing", "assistants", "graphs", "lock", "clock",
    ]  # fmt: skip
    assert (diagnosis.page_size, diagnosis.graphs, diagnosis.clock_skew) == (1000, ("agent",), 0)


@pytest.mark.parametrize(
    ("error", "where", "code"),
    [(Unreachable("down", sent=False), "connection", 5), (Denied("no", hint="try"), "authentication", 4)],
)
def test_a_failure_ends_the_list_and_gives_the_exit_code(error: Any, where: str, code: int) -> None:
    bare = Observed(**make_project(), manifests=1)
    diagnosis = diagnose(with_failure(bare, where, error))
    assert diagnosis.checks[-1] == Check(where, State.FAILED, error.message, error.hint, code)
    assert [check.name for check in diagnosis.checks] == ["manifests", where]
    assert diagnosis.exit_code == code
    assert (diagnosis.inventory, diagnosis.graphs, diagnosis.activation) == (None, None, None)


def test_manifests_with_problems_are_a_warning() -> None:
    assert troubles(diagnose(sound(manifests=None))) == [("manifests", "warning")]


@pytest.mark.parametrize(
    ("url", "how"),
    [
        ("https://acme.example", "certificate"),
        ("http://127.0.0.1:2024", "plain http, on this machine"),
        ("http://acme.example", "over plain http"),
    ],
)
def test_the_connection_says_how_it_is_protected(url: str, how: str) -> None:
    message = told(diagnose(sound(url=url)), "connection").message
    assert how in message
    assert ("this machine" in message) == ("127.0.0.1" in url)


def test_the_server_is_named_as_it_names_itself() -> None:
    assert told(diagnose(sound()), "server").message == "LangGraph API server 1.0 (langgraph 2)"
    assert told(diagnose(sound(server=Server("Aegra", None))), "server").message == "Aegra"
    assert troubles(diagnose(sound(server=None))) == [("server", "warning")]


def test_the_key_is_named_by_its_variable_alone() -> None:
    assert told(diagnose(sound()), "authentication").message == "the API key from KEY is accepted"
    assert "none is asked for" in told(diagnose(sound(key_source=None)), "authentication").message


def test_assistants_are_counted_and_those_of_another_target_warned_of() -> None:
    rows = (DEFAULT, make_assistant("a", stamp=make_stamp("a", target="another")))
    diagnosis = diagnose(sound(rows=rows))
    assert troubles(diagnosis) == [("assistants", "warning")]
    assert any(
        "1 owned, 0 unmanaged, 0 of other projects, 1 of the server's own" in c.message for c in diagnosis.checks
    )


def test_a_graph_that_manifests_need_and_nobody_serves_is_a_warning_with_those_that_there_are() -> None:
    check = told(diagnose(sound(needed=frozenset({"lost"}), absent=frozenset({"lost"}))), "graphs")
    assert (check.state, check.hint) == (State.WARNING, "it serves: agent")
    assert check.message.endswith(": lost")


def test_a_graph_of_somebody_elses_that_nobody_serves_is_none_of_our_business() -> None:
    rows = (DEFAULT, make_assistant("orphan", graph_id="lost"))
    assert troubles(diagnose(sound(rows=rows, absent=frozenset({"lost"})))) == []


@pytest.mark.parametrize(
    ("served", "needed", "named"),
    [(frozenset({"agent"}), frozenset({"hidden"}), "of hidden"), (frozenset[str](), frozenset[str](), "of any graph")],
)
def test_a_default_assistant_that_is_not_to_be_seen_warns_of_a_filtered_view(
    served: frozenset[str], needed: frozenset[str], named: str
) -> None:
    rows = (DEFAULT,) if served else ()
    diagnosis = diagnose(sound(rows=rows, served=served, needed=needed))
    assert troubles(diagnosis) == [("view", "warning")]
    assert named in told(diagnosis, "view").message


def test_another_key_that_sees_the_same_is_fine() -> None:
    diagnosis = diagnose(sound(other=("OTHER", frozenset({DEFAULT.assistant_id}))))
    assert troubles(diagnosis) == []
    assert told(diagnosis, "view").message == "the key from OTHER sees the same 1 assistant"


def test_another_key_that_sees_something_else_is_told_with_what() -> None:
    many = frozenset(f"{number:032}" for number in range(7))
    message = told(diagnose(sound(other=("OTHER", many))), "view").message
    assert f"1 only with KEY ({DEFAULT.assistant_id})" in message
    assert "7 only with OTHER (" in message
    assert message.count(", 0") == 4
    assert message.endswith(", ...)")


def test_a_lock_says_whose_it_is() -> None:
    check = told(diagnose(sound(locks=(LOCK,))), "lock")
    assert (check.state, check.message) == (State.OK, "ci job 7 holds the lock of this project")
    nameless = (replace(LOCK, by=""),)
    assert told(diagnose(sound(locks=nameless)), "lock").message.startswith("another apply")
    assert told(diagnose(sound(**make_project(lease=None))), "lock").message == "off for this target"
    assert told(diagnose(sound()), "lock").message == "free"


@pytest.mark.parametrize(
    ("skew", "state", "words"),
    [
        (30, State.OK, "agree"),
        (-30, State.OK, "agree"),
        (31, State.WARNING, "31 s ahead of"),
        (-90, State.WARNING, "90 s behind"),
    ],
)
def test_clocks_that_differ_much_are_told(skew: int, state: State, words: str) -> None:
    check = told(diagnose(sound(skew=skew)), "clock")
    assert check.state is state
    assert words in check.message


def test_a_server_without_a_clock_is_not_judged_by_it() -> None:
    assert "clock" not in [check.name for check in diagnose(sound(skew=None)).checks]


@pytest.mark.parametrize(
    ("probe", "has", "state", "line"),
    [
        (FULL, Activation.SAFE, State.OK, "activation: full"),
        (FULL, Activation.NEVER, State.OK, "activation: full"),
        (FULL, Activation.FULL, State.OK, None),
        (PARTIAL, Activation.SAFE, State.OK, None),
        (PARTIAL, Activation.FULL, State.WARNING, "activation: safe"),
        (PARTIAL, Activation.NEVER, State.OK, "activation: safe"),
    ],
)
def test_a_measurement_prints_the_line_to_add_where_the_target_lacks_it(
    probe: Probe, has: Activation, state: State, line: str | None
) -> None:
    diagnosis = diagnose(sound(probe=probe, **make_project(activation=has)))
    check = told(diagnosis, "activation")
    assert check.state is state
    assert (check.hint is None) == (line is None)
    assert line is None or f"targets.{TARGET}: {line}" in str(check.hint)
    assert diagnosis.activation == ("full" if probe is FULL else "safe")


def test_a_measurement_tells_what_it_found() -> None:
    diagnosis = diagnose(sound(probe=replace(PARTIAL, unmeasured=("description",))))
    assert told(diagnosis, "set_latest").message == "does not restore context, graph_id (not measured: description)"
    assert told(diagnosis, "PATCH").message.startswith("empties context if")
    assert told(diagnose(sound(probe=FULL)), "set_latest").message == "restores everything that could be measured"
    assert told(diagnose(sound(probe=FULL)), "PATCH").message.startswith("keeps all fields if")


def test_a_measurement_without_a_graph_is_told_of() -> None:
    assert troubles(diagnose(sound(can_probe=False))) == [("probe", "warning")]
