"""Plans, results and problems that the golden renderings are of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant_sync.model.asked import AnsweredRun
from assistant_sync.model.cause import Cause
from assistant_sync.model.change import Action, Op
from assistant_sync.model.drift import Drifted, DriftKind, DriftReport
from assistant_sync.model.frozen import replace
from assistant_sync.model.history import Effect, History, VersionEntry
from assistant_sync.model.outcome import ApplyResult, Attribution, Difference, OutsideVersion, Status
from assistant_sync.model.outputs import AssistantOutput, Outputs
from assistant_sync.model.plan import MissingGraph
from assistant_sync.model.provenance import Commit, CommitFacts
from assistant_sync.model.pulled import FileChange, NotPulled, Pulled, PullKind, PullReport
from assistant_sync.model.run import RunResult, RunStatus
from assistant_sync.model.schema_files import FileState, SchemaFile, SchemaFiles
from assistant_sync.model.selection import Selection
from assistant_sync.model.shown import ComparedSides, ShownManifest, StateFacts, StateKind
from assistant_sync.problem import Problem, Severity
from tests.builders import (
    SHA,
    added,
    changed,
    make_activate,
    make_adopt,
    make_create,
    make_delete,
    make_failure,
    make_id,
    make_keep,
    make_orphan,
    make_outcome,
    make_plan,
    make_refuse,
    make_result,
    make_update,
    make_violation,
    make_warning,
    masked,
    removed,
)

if TYPE_CHECKING:
    from assistant_sync.model.plan import Plan
    from assistant_sync.model.values import JsonValue

PROMPT = "".join(f"{number}. Be helpful, and answer in English.\n" for number in range(1, 301))
EDITED_PROMPT = PROMPT.replace("120. Be helpful, and answer in English.", "120. Be helpful, and answer in German.")

HOSTILE = "\x1b[2J\u202eevil\u200b [bold]x[/] \x9b31m\r\n\nPlan: 0 to create, 0 to update"


def all_kinds() -> Plan:
    """Everything that a plan can hold, but nothing that stops it."""
    tools: list[JsonValue] = [{"name": f"tool{number}", "args": {"limit": number}} for number in range(8)]
    return make_plan(
        make_create(
            "billing",
            added("graph_id", "agent"),
            added("name", "Billing agent"),
            added("description", "Answers questions about invoices"),
            added("context.system_prompt", PROMPT),
            masked("context.api_token", Op.ADDED),
            added("config.tags", ["cx", "billing"]),
            name="Billing agent",
            deferred="graph 'agent' is not registered on this deployment (yet)",
        ),
        make_adopt("crm", changed("context.temperature", 0.2, 0.7), added("metadata.team", "cx")),
        make_activate("faq", changed("context.model_name", "anthropic", "openai"), base_version=9, to_version=7),
        make_keep("greeter"),
        make_delete(
            "legacy",
            removed("graph_id", "agent"),
            removed("name", "Legacy"),
            removed("context.system_prompt", "Be brief.\nBe kind.\n"),
        ),
        make_orphan("old-faq"),
        make_keep("router", name="Router"),
        make_update(
            "support",
            changed("name", "Support", "Support agent"),
            changed("context.model_name", "openai", "anthropic"),
            changed("context.system_prompt", PROMPT + "Bye", "Hello  \n" + EDITED_PROMPT + "Bye\n"),
            changed("context.tools", tools, [*tools, {"name": "tool8", "args": {"limit": 8}}]),
            masked("context.token"),
            changed("config.recursion_limit", 25, 50),
            removed("config.tags", ["cx"]),
            name="Support agent",
        ),
        commit=Commit(SHA, dirty=True),
        prune=True,
        warnings=(
            make_warning("graph 'agent' is not registered on this deployment; apply will not send the changes"),
            make_warning("the manifest names assistant_id 62e209ca, which this deployment does not have", "billing"),
        ),
    )


def cut() -> Plan:
    """What a verbose plan shows beside what any plan shows."""
    text = "".join(f"{number}. Be brief.\n" for number in range(1, 15))
    return make_plan(
        make_create("billing", added("context.system_prompt", text), added("description", "very " * 50 + "helpful")),
        make_keep("greeter"),
        make_orphan("old-faq"),
        make_keep("router", name="Router"),
        make_update("support", changed("context.rules", "never " * 100 + "lie", "never " * 100 + "cheat")),
    )


def prompt_edit() -> Plan:
    """One line of a long prompt, the most usual change of all."""
    return make_plan(make_update("support", changed("context.system_prompt", PROMPT, EDITED_PROMPT)), make_keep("faq"))


def refused() -> Plan:
    """A plan that is stopped in every way there is."""
    return make_plan(
        *(make_delete(f"old-{number}", removed("graph_id", "agent")) for number in (1, 2, 3)),
        make_refuse("sales"),
        make_update("support", changed("context.model_name", "openai", "anthropic")),
        missing_graphs=(MissingGraph("agnet", "agent"), MissingGraph("research")),
        guards=(make_violation(), make_violation("empty", "there are no manifests, which would delete 3 assistants")),
        selection=Selection(("old-*", "s*")),
    )


def hostile() -> Plan:
    """Untrusted text in every place that can hold it."""
    return make_plan(
        make_update(
            HOSTILE,
            changed(("context", HOSTILE, 0), HOSTILE, "x"),
            added("metadata.note", HOSTILE),
            name=HOSTILE,
            graph_id=HOSTILE,
            source=HOSTILE,
            reason=HOSTILE,
            deferred=HOSTILE,
        ),
        project=HOSTILE,
        target=HOSTILE,
        url=HOSTILE,
        missing_graphs=(MissingGraph(HOSTILE, HOSTILE),),
        selection=Selection((HOSTILE,)),
        warnings=(make_warning(HOSTILE, HOSTILE),),
        guards=(make_violation(HOSTILE, HOSTILE),),
        commit=Commit(HOSTILE, dirty=False),
        digest=HOSTILE,
    )


def creation() -> Plan:
    return make_plan(
        make_create(
            "billing",
            added("graph_id", "agent"),
            added("name", "Billing agent"),
            added("context.system_prompt", PROMPT),
            added("config", {"recursion_limit": 50, "tags": ["cx", "billing"]}),
            name="Billing agent",
        ),
    )


def tool_added() -> Plan:
    tools: list[JsonValue] = [{"name": "search", "args": {"limit": 3}}, {"name": "refund", "args": {}}]
    change = changed("context.tools", tools, [*tools, {"name": "escalate", "args": {"to": "a person"}}])
    return make_plan(make_update("support", change), make_keep("faq"))


def cleared() -> Plan:
    return make_plan(make_update("support", changed("description", "Answers customers", "")))


def activation() -> Plan:
    change = changed("context.model_name", "anthropic", "openai")
    return make_plan(make_activate("faq", change, base_version=9, to_version=7))


def adoption() -> Plan:
    return make_plan(make_adopt("crm", changed("context.temperature", 0.2, 0.7), added("metadata.team", "cx")))


def adoption_equal() -> Plan:
    """The manifest already matches the assistant that it takes over."""
    return make_plan(make_adopt("crm"))


def stamp_only() -> Plan:
    """The manifest sets or removes what only the stamp holds."""
    why = "the manifest sets lifecycle.prevent_delete, which the stamp does not have yet"
    back = "version 2 has the manifest's content; the manifest no longer sets lifecycle.prevent_delete, which the stamp"
    return make_plan(make_update("crm", reason=why), make_activate("faq", reason=f"{back} still has"))


def renamed() -> Plan:
    """A rename alone, and one that is reverted."""
    reason = "version 1 has the manifest's content; renamed from billing-2"
    return make_plan(
        make_activate("billing", reason=reason, renamed_from="billing-2", to_version=1),
        make_update("support", reason="renamed from helpdesk", renamed_from="helpdesk"),
    )


def deletion() -> Plan:
    """Asked for with ``--prune``, and allowed."""
    return make_plan(
        make_keep("faq"),
        make_delete("legacy", removed("graph_id", "agent"), removed("context.system_prompt", "Be brief.\nBe kind.\n")),
        prune=True,
    )


def orphaned() -> Plan:
    return make_plan(make_keep("faq"), make_orphan("old-faq"))


def unchanged() -> Plan:
    return make_plan(*(make_keep(f"k{number}") for number in range(12)))


def warned() -> Plan:
    return make_plan(
        make_update("support", changed("context.model_name", "openai", "anthropic")),
        warnings=(
            make_warning("the history of this repository is shallow: which commit is older is not known"),
            make_warning("prompts/support.md is not tracked by git", "support"),
        ),
    )


def deferred() -> Plan:
    return make_plan(
        make_create("billing", added("name", "Billing"), deferred="graph 'billing' is not registered here (yet)"),
        warnings=(make_warning("graph 'billing' is not registered here (yet); apply will not send its changes"),),
    )


def stale_branch() -> Plan:
    """What was applied from elsewhere would be undone; one change is this branch's, one was merged before."""
    edit = changed("context.model_name", "openai", "anthropic")
    causes = {
        "faq": (Cause.BEHIND,),
        "support": (Cause.BRANCH, Cause.OUTSIDE),
        "triage": (Cause.PENDING,),
    }
    return make_plan(
        make_update("faq", changed("context.system_prompt", EDITED_PROMPT, PROMPT)),
        make_update("support", edit),
        make_create("triage", added("name", "triage")),
        base="b4cd0e8f1a2b3c4d5e6f708192a3b4c5d6e7f809",
        causes={make_id(key): found for key, found in causes.items()},
    )


def sensitive() -> Plan:
    return make_plan(
        make_update("support", masked("context.api_token"), masked("context.password", Op.REMOVED)),
        make_create("triage", masked("context.api_token", Op.ADDED), added("name", "triage")),
    )


def whitespace() -> Plan:
    """Blanks alone differ: inside a line, at its end, a tab, and an empty line."""
    before = "Be brief.\nBe kind.\nAnswer in  English.\n    - indented\nBye.\n"
    after = "Be brief.  \nBe kind.\nAnswer in English.\n\t- indented\n\nBye.\n"
    return make_plan(make_update("support", changed("context.system_prompt", before, after)))


def newline_lost() -> Plan:
    return make_plan(make_update("support", changed("context.system_prompt", "Be brief.\nBye.\n", "Be brief.\nBye.")))


def many() -> Plan:
    """More than a small page holds in full."""
    edits = [changed("context.system_prompt", PROMPT, EDITED_PROMPT)]
    return make_plan(
        *(make_update(f"assistant-{number:03}", *edits) for number in range(40)),
        *(make_delete(f"old-{number}", removed("name", f"old-{number}")) for number in range(5)),
        make_refuse("sales"),
        guards=(make_violation(),),
        prune=True,
    )


def success() -> ApplyResult:
    return make_result(
        make_outcome("billing", Action.CREATE),
        make_outcome("crm", Action.ADOPT),
        make_outcome("faq", Action.ACTIVATE, version_before=9, version_after=7),
        make_outcome("legacy", Action.DELETE),
        make_outcome("same", status=Status.UNCHANGED, version_after=3),
        make_outcome("support"),
    )


def partial() -> ApplyResult:
    """Everything that can become of a change beside plain success."""
    return make_result(
        make_outcome("billing", Action.CREATE, Status.NOT_ATTEMPTED, error=None),
        make_outcome(
            "crm",
            Action.ADOPT,
            Status.NOT_ATTEMPTED,
            error=make_failure("the graph is not registered", kind="Deferred", exit_code=1),
        ),
        make_outcome(
            "faq",
            Action.ACTIVATE,
            Status.UPDATED,
            version_before=9,
            version_after=10,
            healed_from=7,
            notes=("the server restored version 7 only partially",),
        ),
        make_outcome("router", status=Status.FAILED),
        make_outcome("support", outside_versions=(4, 5), version_after=6),
        make_outcome("triage", status=Status.UNCONFIRMED, error=make_failure("no answer within 30 s")),
        differences=(Difference("support", ("context.model_name", "metadata.team")),),
        interrupted=True,
        warnings=("there is no lock against another apply at the same time: 403",),
    )


def raced() -> ApplyResult:
    """What others wrote before our writes, instead of them, and after them."""
    edit = (changed("context.model_name", "openai", "anthropic"), masked("context.token"))
    theirs = OutsideVersion(4, "2026-11-22T10:11:12+00:00", edit)
    apply = OutsideVersion(
        5, "2026-11-22T10:11:13+00:00", (added("metadata.team", "cx"),), Attribution.APPLY, f"{SHA}-dirty"
    )
    moved = OutsideVersion(2, None, (changed("context.system_prompt", PROMPT, EDITED_PROMPT),), Attribution.ACTIVATED)
    same = OutsideVersion(4, "2026-11-22T10:11:12+00:00", (), Attribution.APPLY)
    conflict = make_failure("somebody else has written since the plan", kind="Conflict", exit_code=7)
    failed: dict[str, Any] = {"status": Status.FAILED, "error": conflict}
    return make_result(
        make_outcome("billing", Action.CREATE, outside_versions=(1,), outside=(replace(apply, version=1),), **failed),
        make_outcome("crm", outside=(moved,), source="assistants/crm.yaml", **failed),
        make_outcome("faq"),
        make_outcome("legacy", Action.DELETE, outside=(moved,), **failed),
        make_outcome(
            "support",
            version_after=6,
            outside_versions=(4, 5),
            outside=(theirs, apply),
            source="assistants/support.yaml",
        ),
        make_outcome("touched", outside_versions=(4,), outside=(same,), version_after=5),
        differences=(
            Difference(
                "faq",
                ("context.model_name",),
                version_after=4,
                version_now=5,
                outside=(replace(theirs, version=5),),
                is_explained=True,
                source="assistants/faq.yaml",
            ),
        ),
    )


def problems() -> tuple[Problem, ...]:
    return (
        Problem("assistant-sync.yaml", 0, 0, "no target is named"),
        Problem("assistants/support.yaml", 3, 9, "unknown field 'contxt'; did you mean 'context'?"),
        Problem("assistants/support.yaml", 7, 0, "the document is empty", Severity.WARNING),
        Problem("assistants/\x1b[31m.yaml", 1, 1, "line feed \n and \u202e", Severity.ERROR),
    )


def drift() -> DriftReport:
    """One of each kind, and what is no drift."""
    edit = (changed(("context", "temperature"), 0.2, 0.7),)
    prompt = (changed(("context", "system_prompt"), "Be nice.\nBe brief.\n", "Be nice.\nBe long.\n"),)
    name = (changed(("name",), "support", "Support, by hand"),)
    versions = (
        OutsideVersion(4, "2026-11-22T21:12:40.482713+00:00", (*edit, *prompt)),
        OutsideVersion(5, "2026-11-22T21:14:02.000000+00:00", name),
    )
    moved = (OutsideVersion(1, "2026-11-23T04:00:00.000000+00:00", edit, Attribution.ACTIVATED),)
    return DriftReport(
        project="acme",
        target="production",
        url="https://acme.example",
        commit=Commit("61e181e21cf87f43c7583f511f1f47ac8ab1d874", dirty=False),
        drifted=(
            _drifted(DriftKind.DELETED, "billing", "was deleted outside git"),
            _drifted(
                DriftKind.EDITED,
                "support",
                "was edited outside git in 2 versions",
                version=5,
                written_version=3,
                commit="61e181e21cf87f43c7583f511f1f47ac8ab1d874",
                versions=versions,
                fields=(*name, *prompt, *edit),
            ),
            _drifted(
                DriftKind.MOVED, "research", "was set to version 1 outside git", version=1, written_version=2,
                versions=moved, fields=edit,
            ),
            _drifted(DriftKind.ROLLED_BACK, "router", "was rolled back to version 2 on purpose", version=6),
            _drifted(DriftKind.UNSTAMPED, "triage", "is no longer owned: it carries no stamp", version=2),
            _drifted(
                DriftKind.GRAPH_GONE, "old", "runs graph 'legacy', which the deployment does not register: each run "
                "fails", version=1,
            ),
            _drifted(
                DriftKind.SCHEMA_CHANGED, "quick", "does not fit the schema that its graph has now: "
                "assistants/quick.yaml:4:3: context.depth must be one of 'quick', 'deep' (schema of graph 'agent')",
                version=3, written_version=3,
            ),
            _drifted(DriftKind.EDITED, "lost", "was edited outside git", version=2, has_manifest=False),
        ),
        pending=("greeter",),
        checked=12,
        warnings=("new: the deployment does not have it; it was not applied yet, or was deleted outside git",),
    )  # fmt: skip


def no_drift() -> DriftReport:
    return replace(drift(), drifted=(), pending=(), warnings=())


def _drifted(kind: DriftKind, key: str, reason: str, **members: Any) -> Drifted:
    own = f"00000000-0000-4000-8000-{len(key):012d}"
    source = f"assistants/{key}.yaml"
    return Drifted(kind=kind, key=key, assistant_id=own, name=key, source=source, reason=reason, **members)


def hostile_drift() -> DriftReport:
    one = replace(drift().drifted[1], key=HOSTILE, name=HOSTILE, source=HOSTILE, reason=HOSTILE)
    return replace(drift(), drifted=(one,), pending=(HOSTILE,), warnings=(HOSTILE,))


def pulled(*, dry_run: bool = False) -> PullReport:
    """An edit that was taken over, an import, and one that no manifest can express."""
    edit = Pulled(
        kind=PullKind.EDITED,
        key="support",
        assistant_id=make_id("support"),
        name="Support agent",
        version=5,
        edited_at="2026-11-22T21:12:40.482713+00:00",
        files=("assistants/support.yaml", "prompts/support.md"),
        fields=(changed(("context", "temperature"), 0.2, 0.7),),
        notes=("context.model has changed in git since it was last applied, too: the live value was taken",),
    )
    new = Pulled(
        kind=PullKind.IMPORTED,
        key="billing",
        assistant_id=make_id("billing"),
        name="billing",
        version=1,
        edited_at=None,
        files=("assistants/agent/billing.yaml",),
    )
    left = NotPulled(
        key="router",
        assistant_id=make_id("router"),
        name="Router",
        graph_id="agent",
        reason="context.api_key looks like a credential, which must not come into git",
    )
    files = (
        FileChange("assistants/agent/billing.yaml", None, b"graph_id: agent\n"),
        FileChange("assistants/support.yaml", b"graph_id: agent\nx: 0.2\n", b"graph_id: agent\nx: 0.7\n"),
    )
    return PullReport(
        project="acme",
        target="production",
        url="https://acme.example",
        pulled=(new, edit),
        not_pulled=(left,),
        files=files,
        dry_run=dry_run,
        warnings=("greeter: nothing was edited outside git; the manifest has changes that wait for an apply",),
    )


def nothing_pulled() -> PullReport:
    return replace(pulled(), pulled=(), not_pulled=(), files=(), warnings=())


def pulled_dry_run() -> PullReport:
    return pulled(dry_run=True)


def pulled_on_branch() -> PullReport:
    return replace(pulled(), branch="edits", commits=(SHA, SHA[::-1]))


def hostile_pull() -> PullReport:
    one = replace(pulled().pulled[1], key=HOSTILE, name=HOSTILE, files=(HOSTILE,), notes=(HOSTILE,), edited_at=HOSTILE)
    left = replace(pulled().not_pulled[0], key=None, name=HOSTILE, graph_id=HOSTILE, reason=HOSTILE)
    change = FileChange(HOSTILE, HOSTILE.encode(), b"x")
    return replace(pulled(dry_run=True), pulled=(one,), not_pulled=(left,), files=(change,), warnings=(HOSTILE,))


def history(**members: Any) -> History:
    """One version of each kind, the pointer moved by hand to one that the server restored only in part."""

    def entry(version: int, effect: Effect = Effect.CONTENT, **facts: Any) -> VersionEntry:
        created_at = f"2026-11-2{version}T10:00:00+00:00"
        by = Attribution.APPLY if "commit" in facts else Attribution.OUTSIDE
        shown = {"is_active": False, "attribution": by, **facts}
        return VersionEntry(version=version, created_at=created_at, effect=effect, **shown)

    many = tuple(("context", f"a_rather_long_field_{number}") for number in range(9))
    known = CommitFacts(SHA, "Ann", "Answer in German")
    entries = (
        entry(7, Effect.STAMP, commit=None),
        entry(6, commit=f"{SHA}-dirty", facts=known, paths=many),
        entry(5, commit="0" * 40, paths=(("name",),), rollback_to=3),
        entry(4, Effect.NOTHING),
        entry(3, paths=(("context", "tools", 0, "a.b"), ("metadata", "team")), is_active=True),
        entry(2, commit=SHA, facts=CommitFacts(SHA, HOSTILE, HOSTILE), paths=(("context", HOSTILE),)),
        entry(1, Effect.CREATED, commit=SHA, facts=known, source="assistants/support.yaml"),
    )
    facts: dict[str, Any] = {
        "key": "support", "assistant_id": make_id("support"), "name": "Support agent", "target": "production",
        "url": "https://acme.example", "has_git": True, "active": 3, "highest": 7,
        "not_restored": (("context", "system_prompt"),), "entries": entries, "rest": 12,
    }  # fmt: skip
    return History(**{**facts, **members})


def shown(**members: Any) -> ShownManifest:
    """A version of ours with a masked value."""
    fields = {"key": "support", "graph_id": "agent", "context": {"api_token": "(masked)"}}
    facts: dict[str, Any] = {
        "key": "support", "assistant_id": make_id("support"), "target": "production", "url": "https://acme.example",
        "version": 3, "active": 5, "is_live": False, "created_at": "2026-11-22T10:00:00+00:00",
        "attribution": Attribution.APPLY, "commit": SHA, "source": "assistants/support.yaml", "fields": fields,
        "yaml": "key: support\ngraph_id: agent\ncontext:\n  api_token: (masked)\n",
        "masked": (("context", "api_token"),),
    }  # fmt: skip
    return ShownManifest(**{**facts, **members})


def side(kind: StateKind, name: str, **members: Any) -> StateFacts:
    """One side of a comparison."""
    return StateFacts(**{"key": "support", "kind": kind, "name": name, "assistant_id": make_id("support"), **members})


def compared(**members: Any) -> ComparedSides:
    """A version and a commit that differ."""
    facts: dict[str, Any] = {
        "target": "production",
        "url": "https://acme.example",
        "left": side(StateKind.VERSION, "3", version=3),
        "right": side(StateKind.REVISION, "v1.2", commit=SHA, source="assistants/support.yaml"),
        "fields": (
            changed("name", "Support", HOSTILE),
            changed("context.system_prompt", PROMPT, EDITED_PROMPT),
            masked("context.token"),
            removed("config.tags", ["cx"]),
        ),
    }
    return ComparedSides(**{**facts, **members})


def outputs(*keys: str, target: str = "production") -> Outputs:
    """The assistants of some keys; of two, if none is named."""
    assistants = tuple(
        AssistantOutput(key, make_id(key), "agent", key.title(), f"assistants/{key}.yaml")
        for key in keys or ("2nd-line", "support.eu")
    )
    return Outputs("acme-support", target, "https://acme.example", assistants)


def schema_files(*states: FileState, is_written: bool = True) -> SchemaFiles:
    """The schemas of a project with a graph that is checked, and one whose schema cannot be used."""
    names = ("manifest", "overlay", "project")
    return SchemaFiles(
        project="acme-support",
        files=tuple(
            SchemaFile(f"schemas/editor/{name}.json", state)
            for name, state in zip(names, states or tuple(FileState), strict=True)
        ),
        graphs=("agent",),
        unusable={"old agent": "it refers to something outside of itself"},
        is_written=is_written,
    )


def answered() -> AnsweredRun:
    """An answer of a live assistant."""
    state = {"messages": [{"type": "human", "content": "Hi"}, {"type": "ai", "content": "Hello"}]}
    return AnsweredRun(
        key="support",
        graph_id="agent",
        assistant_id=make_id("support"),
        version=3,
        target="production",
        url="https://acme.example",
        result=RunResult(status=RunStatus.SUCCESS, state=state, seconds=1.25, run_id="run-1"),
        answer="Hello",
    )
