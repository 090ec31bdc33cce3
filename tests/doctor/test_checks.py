from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.doctor.checks import diagnose
from assistant_sync.doctor.inventory import count_by_owner
from assistant_sync.doctor.measuring import FIELDS
from assistant_sync.doctor.observed import Observed, with_failure
from assistant_sync.errors import Denied, Unreachable
from assistant_sync.model.deployment import Mirroring, Server
from assistant_sync.model.diagnosis import Check, Diagnosis, Probe, State
from assistant_sync.model.frozen import replace
from assistant_sync.model.identity import default_assistant_id
from assistant_sync.model.lock import LOCK_KEY, Lock
from assistant_sync.model.project import Activation, Project, SchemaMode, Target
from tests.builders import PROJECT, TARGET, URL, make_assistant, make_stamp

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT = make_assistant("agent", assistant_id=default_assistant_id("agent"))
SERVER = Server("LangGraph API server", "1.0", "langgraph 2")
FULL = Probe(FIELDS, (), (), FIELDS[1:], (), Mirroring.YES)
PARTIAL = Probe(("name",), ("context", "graph_id"), (), FIELDS[2:], ("context", "config"), Mirroring.YES)
INCOMPLETE = Probe(("name",), ("context",), ("description", "config"), FIELDS[2:], (), Mirroring.YES)
LOCK = Lock(project=PROJECT, generation=1, holder="h", lease=60, by="ci job 7", commit=None)
OLD_LOCK = Lock(project=PROJECT, generation=0, holder="g", lease=60, by="ci job 6", commit=None)
NAMELESS_LOCK = Lock(project=PROJECT, generation=1, holder="h", lease=60, by="", commit=None)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MANY = frozenset(f"{number:032}" for number in range(1, 7))
FIVE = sorted(MANY)[:5]

OK, WARNING, FAILED = State.OK, State.WARNING, State.FAILED


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
        "key_source": "KEY", "credential": "the API key from KEY",
        "manifests": 1, "needed": frozenset({"agent"}), "is_reached": True,
        "server": SERVER, "skew": 0, "rows": (DEFAULT,), "page_size": 1000, "served": frozenset({"agent"}),
        "locks": (),
    }  # fmt: skip
    return Observed(**{**make_project(), **defaults, **members})


def with_rows(*rows: Any, **members: Any) -> dict[str, Any]:
    return {"rows": (DEFAULT, *rows), **members}


def activating(probe: Probe, activation: Activation) -> dict[str, Any]:
    return {"probe": probe, **make_project(activation=activation)}


INVENTORY = count_by_owner((DEFAULT,), PROJECT, [TARGET])
CONNECTION = Check("connection", OK, f"{URL} answers over TLS, with a certificate that is trusted")
SOUND = (
    Check("manifests", OK, "1 manifest, all valid"),
    CONNECTION,
    Check("server", OK, "LangGraph API server 1.0 (langgraph 2)"),
    Check("authentication", OK, "the API key from KEY is accepted"),
    Check("listing", OK, "1 assistant, up to 1000 in one request"),
    Check("assistants", OK, f"0 owned, 0 unmanaged, 0 of other projects, 1 of the server's own; view {INVENTORY.view}"),
    Check("graphs", OK, "agent"),
    Check("schemas", OK, "all manifests fit the schemas of their graphs"),
    Check("lock", OK, "free"),
    Check("clock", OK, "the server's clock and this machine's agree"),
)


def test_nothing_is_wrong_where_nothing_is() -> None:
    diagnosis = diagnose(sound())
    assert diagnosis == Diagnosis(
        project=PROJECT, target=TARGET, url=URL, checks=SOUND, server=SERVER, page_size=1000, graphs=("agent",),
        inventory=INVENTORY, clock_skew=0, probe=None, activation=None,
    )  # fmt: skip
    assert diagnosis.exit_code == 0


def test_a_probe_is_in_the_diagnosis_with_the_activation_that_it_calls_for() -> None:
    full, partial = (diagnose(sound(probe=probe)) for probe in (FULL, PARTIAL))
    assert (full.probe, full.activation) == (FULL, "full")
    assert (partial.probe, partial.activation) == (PARTIAL, "safe")


@pytest.mark.parametrize(
    ("error", "where", "code"),
    [(Unreachable("down", sent=False), "connection", 5), (Denied("no", hint="try"), "authentication", 4)],
)
def test_a_failure_ends_the_list_and_gives_the_exit_code(error: Any, where: str, code: int) -> None:
    diagnosis = diagnose(with_failure(Observed(**make_project(), manifests=1), where, error))
    failed = Check(where, FAILED, error.message, error.hint, code)
    assert diagnosis == Diagnosis(
        project=PROJECT, target=TARGET, url=URL, checks=(SOUND[0], failed), server=None, page_size=None, graphs=None,
        inventory=None, clock_skew=None, probe=None, activation=None,
    )  # fmt: skip
    assert diagnosis.exit_code == code


PROTECTIONS = {
    "tls": (URL, CONNECTION.message),
    "loopback": ("http://127.0.0.1:2024", "http://127.0.0.1:2024 answers over plain http, on this machine"),
    "plain": ("http://acme.example", "http://acme.example answers over plain http"),
}
FILTERED = (
    "a key that plans and a key that applies must see the same assistants, or the plan shows what is there "
    "already as to be created; --other-key-env compares two keys"
)
LOCK_HINT = "it ends with its apply, or by itself; 'assistant-sync unlock' ends it now"
CLOCK_HINT = "locks go by the server's clock alone, so this breaks nothing"
KEYS_HINT = "plan and apply with keys that see the same"
LINE = f"in assistant-sync.yaml, under targets.{TARGET}: activation: "
SENDS_ALL = "a request leaves them out; assistant-sync always sends all"
ALL_RESTORED = (
    Check("set_latest", OK, "restores everything that could be measured"),
    Check("PATCH", OK, f"keeps all fields if {SENDS_ALL}"),
)
PART_RESTORED = (
    Check("set_latest", OK, "does not restore context, graph_id"),
    Check("PATCH", OK, f"empties config, context if {SENDS_ALL}"),
)

# What was observed, and the checks that differ from those of a sound deployment: all with one of these names.
CASES: dict[str, tuple[dict[str, Any], tuple[Check, ...]]] = {
    "two manifests": ({"manifests": 2}, (Check("manifests", OK, "2 manifests, all valid"),)),
    "manifests with problems": (
        {"manifests": None},
        (Check("manifests", WARNING, "they have problems, or cannot be read", "'assistant-sync validate' shows them"),),
    ),
    **{how: ({"url": url}, (Check("connection", OK, message),)) for how, (url, message) in PROTECTIONS.items()},
    "a server with a name alone": ({"server": Server("Aegra", None)}, (Check("server", OK, "Aegra"),)),
    "a server without a name": (
        {"server": None},
        (
            Check(
                "server",
                WARNING,
                "it does not report what it is",
                "docs/servers.md names the servers that were measured",
            ),
        ),
    ),
    "no key": (
        {"credential": None},
        (Check("authentication", OK, "no API key is sent, and none is asked for"),),
    ),
    "an assistant of another target": (
        with_rows(make_assistant("a", stamp=make_stamp("a", target="another")), served=None),
        (
            Check("listing", OK, "2 assistants, up to 1000 in one request"),
            Check("assistants", OK, "1 owned, 0 unmanaged, 0 of other projects, 1 of the server's own; view "),
            Check(
                "assistants",
                WARNING,
                "1 of the owned ones were written as another target",
                "is the URL right? If the target was renamed, add its former name to 'formerly'",
            ),
        ),
    ),
    "a needed graph that nobody serves": (
        {"needed": frozenset({"lost", "gone"}), "absent": frozenset({"lost", "gone"})},
        (
            Check(
                "graphs",
                WARNING,
                "manifests need graphs that the deployment does not have: gone, lost",
                "it serves: agent",
            ),
        ),
    ),
    "an assistant of somebody else on a graph that nobody serves": (
        with_rows(make_assistant("orphan", graph_id="lost"), absent=frozenset({"lost"})),
        (
            Check("listing", OK, "2 assistants, up to 1000 in one request"),
            Check("assistants", OK, "0 owned, 1 unmanaged, 0 of other projects, 1 of the server's own; view "),
            Check("graphs", OK, "agent"),
            Check(
                "graphs",
                WARNING,
                "assistants are left of graphs that the deployment does not have: lost",
                "each of their runs fails",
            ),
        ),
    ),
    "a default assistant that was deleted": (
        {"rows": (make_assistant("x"),)},
        (
            Check("listing", OK, "1 assistant, up to 1000 in one request"),
            Check("assistants", OK, "0 owned, 1 unmanaged, 0 of other projects, 0 of the server's own; view "),
            Check("graphs", OK, "agent"),
            Check(
                "view",
                WARNING,
                "the default assistant of agent is not visible: it was deleted, or this key may have access to only "
                "part of the deployment",
                FILTERED,
            ),
        ),
    ),
    "a needed graph whose default assistant is hidden": (
        {"needed": frozenset({"agent", "hidden"})},
        (
            Check(
                "view",
                WARNING,
                "the default assistant of hidden is not visible: it was deleted, or this key may have access to only "
                "part of the deployment",
                FILTERED,
            ),
        ),
    ),
    "nothing to be seen, and nothing needed": (
        {"rows": (), "served": frozenset(), "needed": frozenset()},
        (
            Check("listing", OK, "0 assistants, up to 1000 in one request"),
            Check("assistants", OK, "0 owned, 0 unmanaged, 0 of other projects, 0 of the server's own; view "),
            Check("graphs", OK, "none is visible"),
            Check(
                "view",
                WARNING,
                "the default assistant of any graph is not visible: it was deleted, or this key may have access to "
                "only part of the deployment",
                FILTERED,
            ),
        ),
    ),
    "nothing to be seen, and a graph needed that nobody serves": (
        {"rows": (), "served": frozenset(), "needed": frozenset({"lost"}), "absent": frozenset({"lost"})},
        (
            Check("listing", OK, "0 assistants, up to 1000 in one request"),
            Check("assistants", OK, "0 owned, 0 unmanaged, 0 of other projects, 0 of the server's own; view "),
            Check(
                "graphs",
                WARNING,
                "manifests need graphs that the deployment does not have: lost",
                "it serves: none that this key may see",
            ),
            Check(
                "view",
                WARNING,
                "the default assistant of any graph is not visible: it was deleted, or this key may have access to "
                "only part of the deployment",
                FILTERED,
            ),
        ),
    ),
    "a second key that sees the same": (
        {"other": ("OTHER", frozenset({DEFAULT.assistant_id}))},
        (Check("view", OK, "the key from OTHER sees the same 1 assistant"),),
    ),
    "a second key that sees nothing": (
        {"other": ("OTHER", frozenset[str]())},
        (
            Check(
                "view",
                WARNING,
                f"the two keys see different assistants: 1 only with KEY ({DEFAULT.assistant_id}), 0 only with OTHER",
                KEYS_HINT,
            ),
        ),
    ),
    "a second key that sees six others": (
        {"other": ("OTHER", MANY), "key_source": None, "credential": None},
        (
            Check("authentication", OK, "no API key is sent, and none is asked for"),
            Check(
                "view",
                WARNING,
                f"the two keys see different assistants: 1 only with no key ({DEFAULT.assistant_id}), "
                f"6 only with OTHER ({', '.join(FIVE)}, ...)",
                KEYS_HINT,
            ),
        ),
    ),
    "a second key that sees five others": (
        {"other": ("OTHER", frozenset(FIVE))},
        (
            Check(
                "view",
                WARNING,
                f"the two keys see different assistants: 1 only with KEY ({DEFAULT.assistant_id}), "
                f"5 only with OTHER ({', '.join(FIVE)})",
                KEYS_HINT,
            ),
        ),
    ),
    "a lock": (
        {"locks": (OLD_LOCK, LOCK)},
        (Check("lock", OK, "ci job 7 holds the lock of this project", LOCK_HINT),),
    ),
    "a lock without a name": (
        {"locks": (NAMELESS_LOCK,)},
        (Check("lock", OK, "another apply holds the lock of this project", LOCK_HINT),),
    ),
    "threads that cannot be read": (
        {"locks": None, "lock_refusal": "403"},
        (
            Check(
                "lock",
                WARNING,
                "threads, which the lock is kept in, cannot be read: 403",
                "apply continues without a lock; 'lock: off' on this target ends the warning",
            ),
        ),
    ),
    "threads that are kept apart": (
        {"marks": ("owner", "zone"), "locks": (replace(LOCK, marks=("owner",)),)},
        (
            Check(
                "lock",
                WARNING,
                "the deployment keeps threads apart by user (it adds owner, zone): "
                "the lock stops only applies of the same identity",
                "let every apply of this project use the same identity",
            ),
            Check("lock", OK, "ci job 7 holds the lock of this project", LOCK_HINT),
        ),
    ),
    "a lock whose lease is over": (
        {"server_time": NOON + timedelta(seconds=61), "locks": (replace(LOCK, made=NOON),)},
        (
            Check(
                "lock",
                OK,
                "ci job 7 left a lock that has expired",
                "it stops nobody; the next apply that writes removes it",
            ),
        ),
    ),
    "a lock without a name whose lease is over": (
        {"server_time": NOON + timedelta(seconds=61), "locks": (replace(NAMELESS_LOCK, made=NOON),)},
        (
            Check(
                "lock",
                OK,
                "another apply left a lock that has expired",
                "it stops nobody; the next apply that writes removes it",
            ),
        ),
    ),
    "a lock in its last second": (
        {"server_time": NOON + timedelta(seconds=60), "locks": (replace(LOCK, made=NOON),)},
        (Check("lock", OK, "ci job 7 holds the lock of this project", LOCK_HINT),),
    ),
    "a lock that is over beside one that is not": (
        {
            "server_time": NOON + timedelta(seconds=61),
            "locks": (replace(OLD_LOCK, made=NOON), replace(LOCK, made=NOON + timedelta(seconds=9))),
        },
        (Check("lock", OK, "ci job 7 holds the lock of this project", LOCK_HINT),),
    ),
    "a lock of which no time is known": (
        {"server_time": NOON, "locks": (LOCK,)},
        (Check("lock", OK, "ci job 7 holds the lock of this project", LOCK_HINT),),
    ),
    "a lock on a server that shows no time": (
        {"locks": (replace(LOCK, made=NOON),)},
        (Check("lock", OK, "ci job 7 holds the lock of this project", LOCK_HINT),),
    ),
    "a header that authenticates": (
        {"credential": "the header Authorization from DEPLOY_AUTH", "key_source": None},
        (Check("authentication", OK, "the header Authorization from DEPLOY_AUTH is accepted"),),
    ),
    "no locks for this target": (make_project(lease=None), (Check("lock", OK, "off for this target"),)),
    "a clock half a minute ahead": ({"skew": 30}, (SOUND[-1],)),
    "a clock half a minute behind": ({"skew": -30}, (SOUND[-1],)),
    "a clock further ahead": (
        {"skew": 31},
        (Check("clock", WARNING, "the server's clock is 31 s ahead of this machine's", CLOCK_HINT),),
    ),
    "a clock further behind": (
        {"skew": -31},
        (Check("clock", WARNING, "the server's clock is 31 s behind this machine's", CLOCK_HINT),),
    ),
    "a probe that no graph was known for": (
        {"can_probe": False},
        (
            Check(
                "probe",
                WARNING,
                "nothing was measured: no graph is known",
                "it is made for a graph whose default assistant this key may see",
            ),
        ),
    ),
    "a server that restores everything": (
        activating(FULL, Activation.FULL),
        (
            *ALL_RESTORED,
            Check("activation", OK, "the target has 'full', which is right"),
        ),
    ),
    "a server that restores a part": (
        activating(PARTIAL, Activation.SAFE),
        (
            *PART_RESTORED,
            Check("activation", OK, "the target has 'safe', which is right"),
        ),
    ),
    "fields that could not be measured": (
        activating(INCOMPLETE, Activation.SAFE),
        (
            Check("set_latest", OK, "does not restore context (not measured: config, description)"),
            Check("PATCH", OK, f"keeps all fields if {SENDS_ALL}"),
            Check("activation", OK, "the target has 'safe', which is right"),
        ),
    ),
    "a target that does less than it could": (
        activating(FULL, Activation.NEVER),
        (
            *ALL_RESTORED,
            Check("activation", OK, "the target has 'never'; 'full' works", LINE + "full"),
        ),
    ),
    "a target that does more than it may": (
        activating(PARTIAL, Activation.FULL),
        (
            *PART_RESTORED,
            Check(
                "activation",
                WARNING,
                "the target has 'full', but this deployment does not restore everything",
                LINE + "safe",
            ),
        ),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_finding_has_its_check_and_the_others_stay(case: str) -> None:
    found, expected = CASES[case]
    checks = diagnose(sound(**found)).checks
    names = {check.name for check in expected}
    shown = [check for check in checks if check.name in names]
    assert [_without_view(check) for check in shown] == list(map(_without_view, expected))
    untouched = [check for check in SOUND if check.name not in names]
    assert [check for check in checks if check.name not in names] == [
        check
        for check in untouched
        if not (check.name == "graphs" and found.get("served", ()) is None)
        and not (check.name == "schemas" and not _serves_all(found))
    ]


def _serves_all(found: Mapping[str, Any]) -> bool:
    """Whether every graph that is needed is served: then all its schemas are known."""
    agent = frozenset({"agent"})
    served = found.get("served", agent)
    return served is not None and bool(found.get("manifests", 1)) and found.get("needed", agent) <= served


MISFIT = "assistants/support.yaml:4:3: context.temperature must be a number (schema of graph 'agent')"
NOTE = "on the deployment the schema of graph 'agent' is not what schemas/agent.json has"


def test_manifests_that_do_not_fit_their_graphs_are_a_warning_with_the_places() -> None:
    (found,) = [one for one in diagnose(sound(misfits=(MISFIT,))).checks if one.name == "schemas"]
    assert found == Check(
        "schemas",
        WARNING,
        f"1 value of manifests does not fit the schema of its graph: {MISFIT}",
        "'assistant-sync validate --online' shows all",
    )
    (many,) = [one for one in diagnose(sound(misfits=(MISFIT,) * 7)).checks if one.name == "schemas"]
    assert many.message.startswith("7 values of manifests do not fit the schemas of their graphs: assistants/")
    assert many.message.count(MISFIT) == 5
    assert many.message.endswith("; and 2 more")


def test_what_concerns_the_schema_of_a_whole_graph_takes_the_place_of_the_good_news() -> None:
    checks = [one for one in diagnose(sound(schema_notes=(NOTE,))).checks if one.name == "schemas"]
    assert checks == [Check("schemas", WARNING, NOTE)]


def test_a_target_that_checks_no_schemas_has_no_check_of_them() -> None:
    off = sound(**make_project(schema=SchemaMode.OFF))
    assert [one for one in diagnose(off).checks if one.name == "schemas"] == []


def _without_view(check: Check) -> Check:
    """A view is a digest of the ids; what it is made of has its own test."""
    message, found, _ = check.message.partition("; view ")
    return Check(check.name, check.state, message + found, check.hint, check.exit_code)


def test_a_graph_that_is_served_but_whose_default_assistant_is_not_seen_is_a_warning() -> None:
    (found,) = [one for one in diagnose(sound(served=frozenset({"agent", "quiet"}))).checks if one.state is WARNING]
    assert (found.name, found.message.split(" is not")[0]) == ("view", "the default assistant of quiet")


def test_threads_that_are_kept_apart_are_no_warning_where_assistants_are_too() -> None:
    apart = {"rows": (replace(DEFAULT, user_id="ann"),), "marks": ("owner",)}
    assert [one for one in diagnose(sound(**apart)).checks if one.state is WARNING] == []


def test_a_lock_of_an_earlier_build_is_shown_with_the_request_that_removes_it() -> None:
    row = make_assistant("x", assistant_id=LOCK.id, metadata={LOCK_KEY: LOCK.as_json()})
    other = make_assistant("y", metadata={LOCK_KEY: LOCK.as_json()})  # not under a lock's id
    (found,) = [check for check in diagnose(sound(rows=(DEFAULT, row, other))).checks if check.state is WARNING]
    assert found.hint == (
        f'remove it if no such apply is running: curl -X DELETE -H "x-api-key: $KEY" {URL}/assistants/{LOCK.id}'
    )


@pytest.mark.parametrize(("missing", "name"), [("skew", "clock"), ("locks", "lock"), ("served", "graphs")])
def test_what_was_not_observed_has_no_check(missing: str, name: str) -> None:
    diagnosis = diagnose(sound(**{missing: None}))
    gone = {name, "schemas"} if name == "graphs" else {name}
    assert diagnosis.checks == tuple(check for check in SOUND if check.name not in gone)


def test_rows_that_were_not_read_have_no_checks_and_no_inventory() -> None:
    diagnosis = diagnose(sound(rows=None, served=None))
    assert diagnosis.inventory is None
    kept = ("manifests", "connection", "server", "lock", "clock")
    assert diagnosis.checks == tuple(check for check in SOUND if check.name in kept)


def test_a_view_is_compared_although_no_row_was_read() -> None:
    (check,) = (one for one in diagnose(sound(rows=None, other=("OTHER", frozenset("x")))).checks if one.name == "view")
    assert check.message == "the two keys see different assistants: 0 only with KEY, 1 only with OTHER (x)"
