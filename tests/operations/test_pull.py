"""Pull: what is live comes into the manifests, and the plan after it is empty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.errors import ExistingFile, InvalidFiles, RepositoryError, UnknownName
from assistant_sync.model.change import Action
from assistant_sync.model.identity import derived_id
from assistant_sync.model.pulled import FileChange
from assistant_sync.model.selection import Selection
from assistant_sync.operations.editor_schemas import editor_schemas
from assistant_sync.operations.pull import PullRequest, pull
from assistant_sync.operations.pulling.files import write_files
from assistant_sync.operations.rollback import RollbackRequest, rollback
from assistant_sync.repository.worktree import WorkTree
from tests.project_fixture import PROJECT

if TYPE_CHECKING:
    from assistant_sync.model.pulled import PullReport
    from tests.operations.memory_project import MemoryProject

SUPPORT = derived_id(PROJECT, "support")

MANIFEST = """\
# The first line of support.
graph_id: support_agent   # see langgraph.json
name: "Support"

context:
  model: 'a'   # cheap
  temperature: 0.2
  system_prompt: |
    You are nice.

    Be brief.
  tools:
  - search   # the shop
  - order
config: {recursion_limit: 50, tags: [cx]}
metadata:
  team: cx
"""


def pulled(project: MemoryProject, *selection: str, **request: Any) -> PullReport:
    asked = PullRequest(settings=project.settings(), selection=Selection(selection), **request)
    report = project.run_at_once(pull(asked))
    assert project.transport.writes == [], "pull never writes to the deployment"
    return report


def text(project: MemoryProject, path: str) -> str:
    return (project.folder / path).read_bytes().decode()


def is_unchanged(project: MemoryProject) -> bool:
    """Whether a plan has nothing to write."""
    return not project.planned().writes


@pytest.fixture
def applied(project: MemoryProject) -> MemoryProject:
    project.git("init", "--quiet")
    project.write("assistants/support.yaml", MANIFEST)
    project.commit("one")
    project.settle()
    return project


def live(project: MemoryProject) -> Any:
    return project.deployment.get(SUPPORT)


def edit_context(project: MemoryProject, **values: Any) -> None:
    """Somebody edits the context in the UI, which sends all of it; None removes a value."""
    row = live(project)
    context = {key: value for key, value in (row["context"] | values).items() if value is not None}
    config = {key: value for key, value in row["config"].items() if key != "configurable"}
    project.deployment.patch(SUPPORT, context=context, config=config)


# Nothing to pull


def test_nothing_is_pulled_and_no_file_touched_if_nothing_was_edited(applied: MemoryProject) -> None:
    report = pulled(applied)
    assert (report.pulled, report.not_pulled, report.files) == ((), (), ())
    assert text(applied, "assistants/support.yaml") == MANIFEST


def test_a_merge_that_waits_for_its_apply_stays_as_it_is(applied: MemoryProject) -> None:
    applied.write("assistants/support.yaml", MANIFEST.replace("'a'", "'b'"))
    applied.commit("two")
    assert pulled(applied).files == ()
    report = pulled(applied, "support")
    assert report.files == ()
    assert "wait for an apply" in report.warnings[0]


def test_a_name_that_matches_nothing_is_an_error(applied: MemoryProject) -> None:
    with pytest.raises(UnknownName, match="matches 'suport'"):
        pulled(applied, "suport")


# Edits


def test_only_changed_values_change(applied: MemoryProject) -> None:
    edit_context(applied, temperature=0.7)
    report = pulled(applied)
    assert [(one.key, one.kind.value, one.files) for one in report.pulled] == [
        ("support", "edited", ("assistants/support.yaml",))
    ]
    assert text(applied, "assistants/support.yaml") == MANIFEST.replace("0.2", "0.7")
    assert is_unchanged(applied)


def test_a_second_pull_changes_nothing(applied: MemoryProject) -> None:
    edit_context(applied, temperature=0.7, extra={"deep": [1, None]}, model=None)
    pulled(applied)
    before = text(applied, "assistants/support.yaml")
    assert pulled(applied).files == ()
    assert text(applied, "assistants/support.yaml") == before
    assert is_unchanged(applied)


@pytest.mark.parametrize(
    "values",
    [
        {"system_prompt": "One line."},
        {"system_prompt": "Other.\n\nLines.\n"},
        {"tools": ["search"]},
        {"tools": ["search", "order", "refund"]},
        {"tools": []},
        {"tools": ["order", "search"]},
        {"tools": None},
        {"model": {"name": "a", "size": 3}},
        {"nested": {"a": {"b": [1, {"c": "no"}]}}, "temperature": None},
        {"temperature": True},
        {"temperature": None, "model": None, "system_prompt": None, "tools": None},
    ],
    ids=lambda values: "-".join(f"{key}:{type(value).__name__}" for key, value in values.items()),
)
def test_pull_then_plan_is_empty(applied: MemoryProject, values: dict[str, Any]) -> None:
    edit_context(applied, **values)
    report = pulled(applied)
    assert report.not_pulled == ()
    assert is_unchanged(applied)
    assert "# The first line of support." in text(applied, "assistants/support.yaml")


def test_every_field_is_taken_over(applied: MemoryProject) -> None:
    row = live(applied)
    config = {"recursion_limit": 60, "tags": ["cx", "vip"]}
    applied.deployment.patch(
        SUPPORT, name="By hand", description="New", config=config, context=row["context"], metadata={"team": "sales"}
    )
    pulled(applied)
    written = text(applied, "assistants/support.yaml")
    assert 'name: "By hand"' in written
    assert "{recursion_limit: 60, tags: [cx, vip]}" in written
    assert is_unchanged(applied)


def test_another_graph_is_taken_over(applied: MemoryProject) -> None:
    applied.deployment.patch(SUPPORT, graph_id="research_agent")
    pulled(applied)
    assert "graph_id: research_agent   # see langgraph.json" in text(applied, "assistants/support.yaml")
    assert is_unchanged(applied)


def test_unowned_metadata_is_not_taken_over(applied: MemoryProject) -> None:
    applied.deployment.patch(SUPPORT, metadata={"note": "mine"})
    assert pulled(applied).files == ()


def test_a_merge_beside_the_edit_is_kept(applied: MemoryProject) -> None:
    edit_context(applied, temperature=0.7)
    applied.write("assistants/support.yaml", MANIFEST.replace("'a'", "'b'"))
    applied.commit("two")
    (one,) = pulled(applied).pulled
    assert one.notes == ()
    assert text(applied, "assistants/support.yaml") == MANIFEST.replace("'a'", "'b'").replace("0.2", "0.7")
    (change,) = applied.planned().writes
    assert [field.path for field in change.fields] == [("context", "model")]


def test_of_a_conflict_the_live_value_is_taken_and_it_is_said(applied: MemoryProject) -> None:
    edit_context(applied, temperature=0.7)
    applied.write("assistants/support.yaml", MANIFEST.replace("0.2", "0.3"))
    applied.commit("two")
    (one,) = pulled(applied).pulled
    assert "context.temperature has changed in git since it was last applied, too" in one.notes[0]
    assert is_unchanged(applied)


def test_a_rollback_is_taken_over_whole(applied: MemoryProject) -> None:
    applied.write("assistants/support.yaml", MANIFEST.replace("'a'", "'b'").replace("0.2", "0.5"))
    applied.commit("two")
    applied.settle()
    asked = RollbackRequest(settings=applied.settings(), key="support", to=1)
    applied.run_at_once(rollback(asked, applied.ui()))
    edit_context(applied, temperature=0.9)
    pulled(applied)
    assert text(applied, "assistants/support.yaml") == MANIFEST.replace("0.2", "0.9")
    assert is_unchanged(applied)


def test_a_file_with_cr_lf_keeps_them(applied: MemoryProject) -> None:
    crlf = MANIFEST.replace("\n", "\r\n")
    applied.write("assistants/support.yaml", crlf)
    applied.commit("windows")
    edit_context(applied, temperature=0.7)
    pulled(applied)
    assert text(applied, "assistants/support.yaml") == crlf.replace("0.2", "0.7")


# Included texts and overlays


@pytest.fixture
def included(project: MemoryProject) -> MemoryProject:
    project.git("init", "--quiet")
    for key in ("support", "sales"):
        project.write(
            f"assistants/{key}.yaml",
            f"graph_id: support_agent\ncontext:\n  p: {{$file: ../prompts/{key}.md}}   # its own\n"
            "  rules: {$file: ../prompts/rules.md}\n",
        )
        project.write(f"prompts/{key}.md", f"You are {key}.\n")
    project.write("prompts/rules.md", "No promises.\n")
    project.commit("one")
    project.settle()
    return project


def test_a_text_from_a_file_is_written_back_into_that_file(included: MemoryProject) -> None:
    manifest = text(included, "assistants/support.yaml")
    edit_context(included, p="You are new.\r\nAnd have\ttabs.")
    (one,) = pulled(included).pulled
    assert one.files == ("prompts/support.md",)
    assert text(included, "prompts/support.md") == "You are new.\r\nAnd have\ttabs."
    assert text(included, "assistants/support.yaml") == manifest
    assert is_unchanged(included)


def test_a_text_that_others_include_gets_a_file_of_its_own(included: MemoryProject) -> None:
    edit_context(included, rules="No promises, ever.\n")
    (one,) = pulled(included).pulled
    assert one.files == ("assistants/support.yaml", "prompts/rules.support.md")
    assert text(included, "prompts/rules.md") == "No promises.\n"
    assert "prompts/rules.md is included elsewhere, too" in one.notes[0]
    assert is_unchanged(included)


@pytest.mark.parametrize("value", ["", " \n", "\ufeffmark", {"a": 1}, None])
def test_a_value_that_no_file_can_give_is_written_into_the_manifest(included: MemoryProject, value: Any) -> None:
    edit_context(included, p=value)
    pulled(included)
    assert text(included, "prompts/support.md") == "You are support.\n"
    assert is_unchanged(included)


def test_a_value_of_an_overlay_is_changed_there(applied: MemoryProject) -> None:
    applied.write("overlays/local/support.yaml", "# local\ncontext:\n  temperature: 0.5   # warm\n  only_here: 1\n")
    applied.commit("overlay")
    applied.settle()
    edit_context(applied, temperature=0.9, model="b", only_here=None)
    (one,) = pulled(applied).pulled
    assert one.files == ("assistants/support.yaml", "overlays/local/support.yaml")
    assert text(applied, "overlays/local/support.yaml") == "# local\ncontext:\n  temperature: 0.9   # warm\n"
    assert text(applied, "assistants/support.yaml") == MANIFEST.replace("'a'", "'b'")
    assert is_unchanged(applied)


def test_a_value_that_an_overlay_lies_over_is_removed_by_a_null(applied: MemoryProject) -> None:
    applied.write("overlays/local/support.yaml", "context:\n  temperature: 0.5\n")
    applied.commit("overlay")
    applied.settle()
    edit_context(applied, temperature=None)
    pulled(applied)
    assert "temperature: null" in text(applied, "overlays/local/support.yaml")
    assert text(applied, "assistants/support.yaml") == MANIFEST
    assert is_unchanged(applied)


def test_a_value_beside_one_that_only_the_overlay_has_is_added_there(applied: MemoryProject) -> None:
    applied.write("overlays/local/support.yaml", "context:\n  deep:\n    a: 1\n")
    applied.commit("overlay")
    applied.settle()
    edit_context(applied, deep={"a": 1, "b": 2})
    (one,) = pulled(applied).pulled
    assert one.files == ("overlays/local/support.yaml",)
    assert text(applied, "overlays/local/support.yaml") == "context:\n  deep:\n    a: 1\n    b: 2\n"
    assert is_unchanged(applied)


def test_a_null_over_a_value_of_an_overlay_cannot_be_expressed(applied: MemoryProject) -> None:
    applied.write("overlays/local/support.yaml", "context:\n  temperature: 0.5\n")
    applied.commit("overlay")
    applied.settle()
    row = live(applied)
    applied.deployment.patch(
        SUPPORT, context=row["context"] | {"temperature": None}, config={"recursion_limit": 50, "tags": ["cx"]}
    )
    report = pulled(applied)
    assert report.files == ()
    assert report.not_pulled[0].reason == "no manifest can express context.temperature as the deployment has it"


def test_a_file_that_begins_with_a_byte_order_mark_keeps_it(included: MemoryProject) -> None:
    included.write("prompts/support.md", "\ufeffYou are support.\n")
    included.commit("mark")
    edit_context(included, p="You are new.\n")
    pulled(included)
    assert text(included, "prompts/support.md") == "\ufeffYou are new.\n"
    assert is_unchanged(included)


# What must not come in


def test_a_value_that_looks_like_a_credential_is_left_out(applied: MemoryProject) -> None:
    edit_context(applied, api_key="sk-ant-0123456789abcdefghijABCDEFGHIJ")
    report = pulled(applied)
    assert report.files == ()
    assert report.not_pulled[0].reason.startswith("context.api_key looks like a credential")
    assert "sk-ant" not in repr(report)


def test_a_mixture_of_two_versions_is_left_out(applied: MemoryProject) -> None:
    applied.write("assistants/support.yaml", MANIFEST.replace("0.2", "0.3"))
    applied.commit("two")
    applied.settle()
    applied.deployment.set_latest(SUPPORT, 1)
    report = pulled(applied)
    assert report.files == ()
    assert "its context and its config.configurable differ" in report.not_pulled[0].reason


def test_uncommitted_edits_are_not_written_over(applied: MemoryProject) -> None:
    edit_context(applied, temperature=0.7)
    mine = MANIFEST.replace("cheap", "mine")
    applied.write("assistants/support.yaml", mine)
    with pytest.raises(RepositoryError, match=r"assistants/support\.yaml has uncommitted changes; nothing was written"):
        pulled(applied)
    assert text(applied, "assistants/support.yaml") == mine


def test_a_dry_run_writes_nothing(applied: MemoryProject) -> None:
    edit_context(applied, temperature=0.7)
    (change,) = pulled(applied, dry_run=True).files
    assert change.after == MANIFEST.replace("0.2", "0.7").encode()
    assert text(applied, "assistants/support.yaml") == MANIFEST


def test_invalid_manifests_stop_it(applied: MemoryProject) -> None:
    applied.write("assistants/wrong.yaml", "graph_id: 1\n")
    with pytest.raises(InvalidFiles):
        pulled(applied)


# Imports


def test_an_unmanaged_assistant_is_left_alone_unless_it_is_asked_for(applied: MemoryProject) -> None:
    applied.deployment.create(name="Billing")
    assert pulled(applied).files == ()


@pytest.fixture
def empty(project: MemoryProject) -> MemoryProject:
    """A project without manifests, and a deployment with assistants that somebody made."""
    project.git("init", "--quiet")
    project.commit("one")
    return project


def test_unmanaged_assistants_are_imported_and_the_plan_adopts_them_without_a_field(empty: MemoryProject) -> None:
    deployment = empty.deployment
    deployment.create(name="Billing agent", description="Pays", context={"p": "Line.\n" * 9, "n": 1.5, "no": "no"})
    deployment.create(name="Billing agent", graph_id="research_agent", config={"tags": ["a"]}, metadata={"team": "cx"})
    deployment.create(name="con", context={"a": {"p": "x" * 500}, "b": ["y\n" * 8]})
    report = pulled(empty, unmanaged=True)
    assert [one.key for one in report.pulled][:2] == ["assistant-con", "billing-agent"]
    assert len(report.pulled) == 3
    plan = empty.planned()
    assert {change.action for change in plan.changes} == {Action.ADOPT}
    assert [change.fields for change in plan.changes] == [()] * 3
    assert text(empty, "prompts/billing-agent.md") == "Line.\n" * 9
    assert sorted(path.name for path in (empty.folder / "prompts/assistant-con").iterdir()) == ["a-p.md", "b-0.md"]
    assert "metadata" not in "".join(map(str, [one.after for one in report.files]))
    assert pulled(empty, unmanaged=True).files == (), "a second pull changes nothing"


def test_a_long_text_with_carriage_returns_stays_in_the_manifest(empty: MemoryProject) -> None:
    empty.deployment.create(name="Billing", context={"p": "Line.\r\n" * 9})
    assert [one.path for one in pulled(empty, unmanaged=True).files] == ["assistants/support_agent/billing.yaml"]


def test_an_imported_manifest_names_its_schema_if_the_project_has_one(empty: MemoryProject) -> None:
    empty.deployment.create(name="Billing")
    empty.deployment.create(name="Sales")
    pulled(empty, "billing")
    assert text(empty, "assistants/support_agent/billing.yaml").startswith("graph_id:")
    editor_schemas(empty.settings())
    pulled(empty, "sales")
    first, _, rest = text(empty, "assistants/support_agent/sales.yaml").partition("\n")
    assert first == "# yaml-language-server: $schema=../../schemas/editor/manifest.json"
    assert rest.startswith("graph_id:")


def test_a_manifest_that_exists_is_not_given_the_line(applied: MemoryProject) -> None:
    editor_schemas(applied.settings())
    edit_context(applied, temperature=0.7)
    pulled(applied)
    assert text(applied, "assistants/support.yaml") == MANIFEST.replace("0.2", "0.7")


def test_a_key_of_an_assistant_that_has_no_manifest_is_not_given_to_another(empty: MemoryProject) -> None:
    empty.deployment.create(name="Support")  # the older one
    empty.manifest("support")
    empty.settle()
    empty.remove("support")
    (one,) = pulled(empty, unmanaged=True).pulled
    assert one.key.startswith("support-")


def test_metadata_is_imported_only_if_it_is_named(empty: MemoryProject) -> None:
    empty.deployment.create(name="Billing", metadata={"team": "cx", "note": "mine"})
    pulled(empty, unmanaged=True, metadata=("team",))
    written = text(empty, "assistants/support_agent/billing.yaml")
    assert "team: cx" in written
    assert "note" not in written
    assert [change.fields for change in empty.planned().changes] == [()]


def test_a_reserved_metadata_key_is_refused(empty: MemoryProject) -> None:
    with pytest.raises(UnknownName, match="--metadata assistant_sync"):
        pulled(empty, unmanaged=True, metadata=("assistant_sync",))


@pytest.mark.parametrize("name", ["Billing*", "billing", None], ids=["name", "key", "id"])
def test_one_assistant_is_imported_by_name_key_or_id(empty: MemoryProject, name: str | None) -> None:
    row = empty.deployment.create(name="Billing")
    empty.deployment.create(name="Other")
    report = pulled(empty, name or row["assistant_id"])
    assert [one.key for one in report.pulled] == ["billing"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"name": "a", "context": {"assistant_id": "x", "langgraph_request_id": "y"}}, "reserved"),
        ({"name": "a", "context": {"n": 2**60}}, "integer beyond"),
        ({"name": "a", "context": {"p": "the text \\u0000"}}, "backslash followed by u0000"),
        ({"name": "a", "context": {"token": "ghp_0123456789abcdefghijklmnopqrstuvwxyzAB"}}, "looks like a credential"),
    ],
)
def test_what_no_manifest_can_express_is_listed_with_the_reason(
    empty: MemoryProject, body: dict[str, Any], reason: str
) -> None:
    empty.deployment.create(**body)
    empty.deployment.create(name="fine")
    report = pulled(empty, unmanaged=True)
    assert [one.key for one in report.pulled] == ["fine"]
    assert reason in report.not_pulled[0].reason


def test_an_owned_assistant_that_lost_its_manifest_gets_it_back_by_its_key(applied: MemoryProject) -> None:
    applied.remove("support")
    applied.write("assistants/.gitkeep", "")
    applied.commit("gone")
    assert pulled(applied, unmanaged=True).files == ()
    (one,) = pulled(applied, "support").pulled
    assert one.kind.value == "imported"
    assert is_unchanged(applied)
    assert [change.action for change in applied.planned().changes] == [Action.KEEP]


def test_a_protected_assistant_keeps_its_protection(applied: MemoryProject) -> None:
    applied.write("assistants/support.yaml", MANIFEST + "lifecycle: {prevent_delete: true}\n")
    applied.commit("protected")
    applied.settle()
    applied.remove("support")
    applied.commit("gone")
    pulled(applied, "support")
    assert [change.action for change in applied.planned().changes] == [Action.KEEP]


def test_a_name_of_any_characters_becomes_a_key(empty: MemoryProject) -> None:
    for name in ("日本語", "../../etc/passwd", "Ärger & Söhne", "x" * 200, "...", "-", "a/b\\c:d"):
        empty.deployment.create(name=name)
    report = pulled(empty, unmanaged=True)
    assert report.not_pulled == ()
    assert all(path.path.startswith("assistants/support_agent/") for path in report.files)
    assert "arger-sohne" in [one.key for one in report.pulled]
    assert len(empty.planned().writes) == 7


# Branches


def git(project: MemoryProject, *arguments: str) -> str:
    return project.git(*arguments)


def test_a_branch_gets_one_commit_for_each_assistant_and_the_work_tree_stays(applied: MemoryProject) -> None:
    edit_context(applied, temperature=0.7)
    applied.deployment.create(name="Billing")
    applied.write("assistants/support.yaml", MANIFEST + "# an edit of mine\n")
    for role in ("AUTHOR", "COMMITTER"):
        applied.environ |= {f"GIT_{role}_NAME": "Pia", f"GIT_{role}_EMAIL": "pia@example.org"}
    report = pulled(applied, "support", "Billing", branch="edits")
    assert text(applied, "assistants/support.yaml") == MANIFEST + "# an edit of mine\n"
    assert len(report.commits) == 2
    assert git(applied, "log", "--format=%s", "HEAD..edits").splitlines() == [
        "Take over the edit of support",
        "Import billing",
    ]
    assert git(applied, "show", "edits:assistants/support.yaml") == MANIFEST.replace("0.2", "0.7").rstrip("\n")
    message = git(applied, "log", "-1", "--format=%b", "edits")
    assert f"Version 2 of assistant {SUPPORT}, written 20" in message
    assert "- context.temperature" in message
    assert git(applied, "log", "-1", "--format=%an <%ae> %cn", "edits") == "Pia <pia@example.org> Pia"


def test_a_branch_that_exists_is_refused(applied: MemoryProject) -> None:
    edit_context(applied, temperature=0.7)
    git(applied, "branch", "edits")
    with pytest.raises(ExistingFile, match="the branch edits exists"):
        pulled(applied, branch="edits")


@pytest.mark.parametrize("name", ["-x", "a..b", "a b", "@{", "@{-1}", "HEAD", ""])
def test_a_name_that_is_none_for_a_branch_is_refused(applied: MemoryProject, name: str) -> None:
    edit_context(applied, temperature=0.7)
    with pytest.raises(UnknownName, match="not a name for a branch"):
        pulled(applied, branch=name)


def test_without_anything_to_pull_no_branch_is_made(applied: MemoryProject) -> None:
    assert pulled(applied, branch="edits").commits == ()
    assert git(applied, "branch", "--list", "edits") == ""


def test_no_author_is_invented(applied: MemoryProject, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    edit_context(applied, temperature=0.7)
    empty_home = tmp_path / "home"
    empty_home.mkdir()
    monkeypatch.setenv("EMAIL", "somebody@example.org")  # with it, git would make up the name
    for name in ("HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(empty_home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    with pytest.raises(RepositoryError, match="git could not commit"):
        pulled(applied, branch="edits")
    assert git(applied, "branch", "--list", "edits") == ""


# What may go wrong


def test_an_assistant_whose_graph_is_gone_is_imported_and_its_adoption_deferred(empty: MemoryProject) -> None:
    empty.deployment.create(name="Old", graph_id="research_agent")
    empty.deployment.graphs.remove("research_agent")
    assert [one.key for one in pulled(empty, unmanaged=True).pulled] == ["old"]
    (change,) = empty.planned().writes
    assert (change.action, change.fields) == (Action.ADOPT, ())
    assert change.deferred is not None


def test_a_file_that_cannot_be_written_leaves_the_others_whole(included: MemoryProject) -> None:
    edit_context(included, p="New.\n")
    included.deployment.patch(SUPPORT, name="By hand")
    blocked = included.folder / "prompts/support.md"
    mode = blocked.parent.stat().st_mode
    blocked.parent.chmod(0o500)
    try:
        if (blocked.parent / ".probe").exists() or _can_write(blocked.parent):
            pytest.skip("this user may write anywhere")
        with pytest.raises(RepositoryError, match="cannot be written"):
            pulled(included)
    finally:
        blocked.parent.chmod(mode)
    assert text(included, "prompts/support.md") == "You are support.\n"
    pulled_again = pulled(included)
    assert pulled_again.not_pulled == ()


def _can_write(folder: Any) -> bool:
    try:
        (folder / ".probe").write_text("")
    except OSError:
        return False
    (folder / ".probe").unlink()
    return True


def test_a_prompt_that_is_a_link_is_not_written_through(included: MemoryProject, tmp_path: Any) -> None:
    target = included.folder / "elsewhere.md"
    target.write_text("You are support.\n")
    (included.folder / "prompts/support.md").unlink()
    (included.folder / "prompts/support.md").symlink_to("../elsewhere.md")
    included.commit("link")
    edit_context(included, p="New.\n")
    report = pulled(included)
    assert report.files == ()
    assert "symbolic link" in report.not_pulled[0].reason
    assert target.read_text() == "You are support.\n"


def test_a_text_that_another_manifest_reads_through_a_link_is_not_changed(included: MemoryProject) -> None:
    (included.folder / "prompts/alias.md").symlink_to("support.md")
    included.write("assistants/sales.yaml", "graph_id: support_agent\ncontext:\n  p: {$file: ../prompts/alias.md}\n")
    included.commit("alias")
    included.settle()
    edit_context(included, p="New.\n")
    report = pulled(included)
    assert report.files == ()
    assert "read by 'sales', too" in report.not_pulled[0].reason


def test_a_branch_keeps_what_lies_behind_links(applied: MemoryProject) -> None:
    applied.git("mv", "assistants", "real")
    (applied.folder / "assistants").symlink_to("real")
    applied.commit("link")
    edit_context(applied, temperature=0.7)
    with pytest.raises(RepositoryError, match="below assistants, a symbolic link"):
        pulled(applied, branch="edits")
    assert git(applied, "branch", "--list", "edits") == ""


def test_a_name_is_written_so_that_another_key_does_not_change_it(empty: MemoryProject) -> None:
    empty.deployment.create(name="plain")
    pulled(empty, unmanaged=True)
    assert "name: plain" in text(empty, "assistants/support_agent/plain.yaml")


def test_a_file_that_changes_while_pull_runs_is_not_written_over(applied: MemoryProject) -> None:
    edit_context(applied, temperature=0.7)
    change = FileChange("assistants/support.yaml", b"as it was read", b"new")
    tree = WorkTree.open(applied.folder)
    with pytest.raises(RepositoryError, match=r"support\.yaml has changed since it was read; nothing was written"):
        write_files(tree, [change])
    new = FileChange("assistants/support.yaml", None, b"new")
    with pytest.raises(RepositoryError, match="has changed since it was read"):
        write_files(tree, [new])
    first = FileChange("assistants/a.yaml", None, b"a: 1\n")
    with pytest.raises(RepositoryError, match=r"written before it: assistants/a\.yaml"):
        write_files(tree, [first, change])
    assert text(applied, "assistants/support.yaml") == MANIFEST


# The selection


def test_a_graph_and_what_changed_narrow_which_edits_are_pulled(applied: MemoryProject) -> None:
    edit_context(applied, temperature=0.7)
    assert pulled(applied, changed_since="HEAD").pulled == ()
    with pytest.raises(UnknownName, match="has a graph that matches 'suport_agent'") as caught:
        narrowed(applied, Selection(graphs=("suport_agent",)))
    assert caught.value.hint == "did you mean 'support_agent'?"
    applied.write("assistants/support.yaml", MANIFEST.replace("[cx]", "[cx, new]"))
    applied.commit("two")
    report = narrowed(applied, Selection(graphs=("support*",)), changed_since="HEAD~1", dry_run=True)
    assert [one.key for one in report.pulled] == ["support"]
    assert report.selection == Selection((), ("support*",), frozenset({"support"}), "HEAD~1")


def test_a_branch_is_compared_as_it_is_at_head(applied: MemoryProject) -> None:
    edit_context(applied, temperature=0.7)
    applied.manifest("other")
    report = pulled(applied, changed_since="HEAD", branch="edits")
    assert (report.pulled, report.selection.changed) == ((), frozenset())


def test_imports_are_narrowed_by_the_live_graph(empty: MemoryProject) -> None:
    empty.deployment.create(name="Billing")
    empty.deployment.create(name="Research", graph_id="research_agent")
    report = narrowed(empty, Selection(graphs=("research*",)), unmanaged=True, dry_run=True)
    assert [one.key for one in report.pulled] == ["research"]
    assert narrowed(empty, Selection(("Billing",), ("research*",))).pulled == ()
    assert narrowed(empty, Selection(("Billing",), ("support*",)), dry_run=True).pulled != ()


def test_a_graph_alone_imports_nothing(empty: MemoryProject) -> None:
    empty.manifest("other")
    empty.deployment.create(name="Billing")
    assert narrowed(empty, Selection(graphs=("support*",))).pulled == ()


def narrowed(project: MemoryProject, selection: Selection, **request: Any) -> PullReport:
    return project.run_at_once(pull(PullRequest(settings=project.settings(), selection=selection, **request)))
