"""The checks that ``doctor`` shows, from what was observed about a target; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.doctor.inventory import count_by_owner
from assistant_sync.doctor.light_listings import check_light_listings, version_to_record
from assistant_sync.model.diagnosis import Check, Diagnosis, State
from assistant_sync.model.lock import Lock
from assistant_sync.model.project import Activation, SchemaMode
from assistant_sync.model.url import is_loopback
from assistant_sync.planning.ownership import is_system
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from assistant_sync.doctor.observed import Observed
    from assistant_sync.model.assistant import Assistant
    from assistant_sync.model.diagnosis import Inventory, Probe

_SKEW = 30
"""Seconds that two clocks may differ without a word; an answer takes its time, and its date has whole seconds."""

_NAMED = 5


def diagnose(found: Observed) -> Diagnosis:
    """Judge what was found."""
    rows = found.rows
    project, targets = found.project, (found.target.name, *found.target.formerly)
    inventory = None if rows is None else count_by_owner(rows, project.name, targets, project.former_projects)
    checks = [_manifests(found), *_connection(found)]
    if inventory is not None:
        checks += _access(found, inventory)
    if found.served is not None:
        checks += [*_graphs(found), *_schemas(found)]
    checks += [*_other_key(found), *_lock(found), *_clock(found), *_probe(found), *check_light_listings(found)]
    if found.failure is not None:
        where, error = found.failure
        checks.append(Check(where, State.FAILED, error.message, error.hint, error.exit_code))
    return Diagnosis(
        project=found.project.name,
        target=found.target.name,
        url=found.url,
        checks=tuple(checks),
        server=found.server,
        page_size=found.page_size,
        graphs=None if found.served is None else tuple(sorted(found.served)),
        inventory=inventory,
        clock_skew=found.skew,
        probe=found.probe,
        activation=None if found.probe is None else _called_for(found.probe).value,
        measured_version=version_to_record(found),
    )


def _manifests(found: Observed) -> Check:
    if found.manifests is None:
        hint = "'assistant-sync validate' shows them"
        return Check("manifests", State.WARNING, "they have problems, or cannot be read", hint)
    return _fine("manifests", f"{plural(found.manifests, 'manifest')}, all valid")


def _connection(found: Observed) -> Iterator[Check]:
    if not found.is_reached:
        return
    if found.url.startswith("https:"):
        how = "over TLS, with a certificate that is trusted"
    else:
        how = "over plain http, on this machine" if is_loopback(found.url) else "over plain http"
    yield _fine("connection", f"{found.url} answers {how}")
    server = found.server
    if server is None:
        hint = "docs/servers.md names the servers that were measured"
        yield Check("server", State.WARNING, "it does not report what it is", hint)
    else:
        runtime = None if server.runtime is None else f"({server.runtime})"
        yield _fine("server", " ".join(filter(None, (server.product, server.version, runtime))))


def _access(found: Observed, inventory: Inventory) -> Iterator[Check]:
    if found.credential is None:
        yield _fine("authentication", "no API key is sent, and none is asked for")
    else:
        yield _fine("authentication", f"{found.credential} is accepted")
    yield _fine("listing", f"{plural(inventory.visible, 'assistant')}, up to {found.page_size} in one request")
    parts = f"{inventory.owned} owned, {inventory.unmanaged} unmanaged, {inventory.foreign} of other projects"
    yield _fine("assistants", f"{parts}, {inventory.system} of the server's own; view {inventory.view}")
    if inventory.elsewhere:
        message = f"{inventory.elsewhere} of the owned ones were written as another target"
        yield Check(
            "assistants",
            State.WARNING,
            message,
            "is the URL right? If the target was renamed, add its former name to 'formerly'",
        )


def _graphs(found: Observed) -> Iterator[Check]:
    served = found.served or frozenset()
    missing = found.needed & found.absent
    if missing:
        message = f"manifests need graphs that the deployment does not have: {_listed(missing)}"
        yield Check("graphs", State.WARNING, message, f"it serves: {_listed(served) or 'none that this key may see'}")
    else:
        yield _fine("graphs", _listed(served) or "none is visible")
    if found.rows is not None:
        yield from _default_assistants(found, found.rows)


def _schemas(found: Observed) -> Iterator[Check]:
    """Whether the manifests fit what the graphs say of their contexts."""
    if found.misfits:
        one = len(found.misfits) == 1
        verb = "does not fit the schema of its graph" if one else "do not fit the schemas of their graphs"
        count = plural(len(found.misfits), "value")
        message = f"{count} of manifests {verb}: {'; '.join(found.misfits[:_NAMED])}"
        more = "" if len(found.misfits) <= _NAMED else f"; and {len(found.misfits) - _NAMED} more"
        yield Check("schemas", State.WARNING, f"{message}{more}", "'assistant-sync validate --online' shows all")
    elif _is_checked(found) and not found.schema_notes:
        yield _fine("schemas", "all manifests fit the schemas of their graphs")
    yield from (Check("schemas", State.WARNING, note) for note in found.schema_notes)


def _is_checked(found: Observed) -> bool:
    """Whether there are manifests, and the schemas of all their graphs could be asked for."""
    is_asked = found.target.schema is not SchemaMode.OFF and found.manifests
    return bool(is_asked) and found.needed <= (found.served or frozenset())


def _default_assistants(found: Observed, rows: Sequence[Assistant]) -> Iterator[Check]:
    gone = {row.graph_id for row in rows} & found.absent - found.needed
    if gone:
        message = f"assistants are left of graphs that the deployment does not have: {_listed(gone)}"
        yield Check("graphs", State.WARNING, message, "each of their runs fails")
    shown = {row.graph_id for row in rows if is_system(row)}
    hidden = ((found.served or frozenset()) | found.needed) - shown - found.absent
    if hidden or not shown:
        whose = f"of {_listed(hidden)}" if hidden else "of any graph"
        message = (
            f"the default assistant {whose} is not visible: it was deleted, or this key may have access to only part "
            "of the deployment"
        )
        hint = (
            "a key that plans and a key that applies must see the same assistants, or the plan shows what is there "
            "already as to be created; --other-key-env compares two keys"
        )
        yield Check("view", State.WARNING, message, hint)


def _other_key(found: Observed) -> Iterator[Check]:
    if found.other is None:
        return
    name, others = found.other
    ids = {row.assistant_id for row in found.rows or ()}
    if ids == others:
        yield _fine("view", f"the key from {name} sees the same {plural(len(ids), 'assistant')}")
        return
    first, second = ids - others, others - ids
    message = (
        f"the two keys see different assistants: {len(first)} only with {found.key_source or 'no key'}{_some(first)}, "
        f"{len(second)} only with {name}{_some(second)}"
    )
    yield Check("view", State.WARNING, message, "plan and apply with keys that see the same")


def _lock(found: Observed) -> Iterator[Check]:
    yield from _old_locks(found)
    if found.lock_refusal is not None:
        message = f"threads, which the lock is kept in, cannot be read: {found.lock_refusal}"
        hint = "apply continues without a lock; 'lock: off' on this target ends the warning"
        yield Check("lock", State.WARNING, message, hint)
        return
    marks = sorted({*found.marks, *(mark for lock in found.locks or () for mark in lock.marks)})
    if marks and not any(row.user_id is not None for row in found.rows or ()):
        message = (
            f"the deployment keeps threads apart by user (it adds {_listed(marks)}): "
            "the lock stops only applies of the same identity"
        )
        yield Check("lock", State.WARNING, message, "let every apply of this project use the same identity")
    if found.locks is None:
        return
    if found.locks and all(_is_over(lock, found.server_time) for lock in found.locks):
        message = f"{found.locks[-1].by or 'another apply'} left a lock that has expired"
        yield Check("lock", State.OK, message, "it stops nobody; the next apply that writes removes it")
    elif found.locks:
        message = f"{found.locks[-1].by or 'another apply'} holds the lock of this project"
        hint = "it ends with its apply, or by itself; 'assistant-sync unlock' ends it now"
        yield Check("lock", State.OK, message, hint)
    else:
        yield _fine("lock", "off for this target" if found.target.lease is None else "free")


def _is_over(lock: Lock, now: datetime | None) -> bool:
    """Whether a lock has expired, by the server's clock."""
    return now is not None and lock.made is not None and (now - lock.made).total_seconds() > lock.lease


def _old_locks(found: Observed) -> Iterator[Check]:
    """The locks of builds that kept them in assistants: clients that take the newest assistant of a graph get them."""
    header = "" if found.key_source is None else f' -H "x-api-key: ${found.key_source}"'
    for row in found.rows or ():
        lock = Lock.of_row(row.assistant_id, row.metadata)
        if lock is not None:
            message = (
                f"assistant {row.assistant_id} of graph {row.graph_id} is a lock that an earlier build of "
                f"assistant-sync made for project {lock.project}"
            )
            hint = f"remove it if no such apply is running: curl -X DELETE{header} {found.url}/assistants/"
            yield Check("lock", State.WARNING, message, f"{hint}{row.assistant_id}")


def _clock(found: Observed) -> Iterator[Check]:
    if found.skew is None:
        return
    if abs(found.skew) <= _SKEW:
        yield _fine("clock", "the server's clock and this machine's agree")
        return
    direction = "ahead of" if found.skew > 0 else "behind"
    message = f"the server's clock is {abs(found.skew)} s {direction} this machine's"
    yield Check("clock", State.WARNING, message, "locks go by the server's clock alone, so this breaks nothing")


def _probe(found: Observed) -> Iterator[Check]:
    probe, target = found.probe, found.target
    if not found.can_probe:
        hint = "it is made for a graph whose default assistant this key may see"
        yield Check("probe", State.WARNING, "nothing was measured: no graph is known", hint)
    if probe is None:
        return
    restores = (
        "restores everything that could be measured"
        if probe.restores_all
        else f"does not restore {_listed(probe.left)}"
    )
    unmeasured = f" (not measured: {_listed(probe.unmeasured)})" if probe.unmeasured else ""
    yield _fine("set_latest", f"{restores}{unmeasured}")
    keeps = f"empties {_listed(probe.dropped)} if" if probe.dropped else "keeps all fields if"
    yield _fine("PATCH", f"{keeps} a request leaves them out; assistant-sync always sends all")
    wanted = _called_for(probe)
    line = f"in {found.project.file}, under targets.{target.name}: activation: {wanted.value}"
    if target.activation is wanted:
        yield _fine("activation", f"the target has '{wanted.value}', which is right")
    elif target.activation is Activation.FULL:
        message = "the target has 'full', but this deployment does not restore everything"
        yield Check("activation", State.WARNING, message, line)
    else:
        yield Check("activation", State.OK, f"the target has '{target.activation.value}'; '{wanted.value}' works", line)


def _called_for(probe: Probe) -> Activation:
    return Activation.FULL if probe.restores_all else Activation.SAFE


def _fine(name: str, message: str) -> Check:
    return Check(name, State.OK, message)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _some(ids: Iterable[str]) -> str:
    """A few ids in brackets; "" for none."""
    first = sorted(ids)[: _NAMED + 1]
    shown = ", ".join([*first[:_NAMED], *(["..."] if len(first) > _NAMED else [])])
    return f" ({shown})" if shown else ""
