"""The commit is the desired state: no plan of any checkout shows a change that the commit does not have."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from assistant_sync.errors import InvalidFiles
from assistant_sync.operations.apply import ApplyRequest, apply
from assistant_sync.operations.plan import plan
from assistant_sync.operations.plan_request import PlanRequest
from assistant_sync.operations.workspace import Settings
from tests.depth import DEPTH
from tests.operations.memory_project import URL, ScriptedUI
from tests.repository.repos import Repo
from tests.servers.fake_deployment import FakeDeployment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant_sync.model.plan import Plan

PROMPT = "You are a support agent.\nAnswer briefly.\n"
LARGE = "A prompt that is kept in Git LFS.\n"
POINTER = (
    f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256(LARGE.encode()).hexdigest()}\nsize {len(LARGE)}\n"
)


@dataclass(frozen=True)
class Layout:
    """What the repository has.

    Attributes:
        home: The project file's folder.
        suffix: Of one of the manifests.
        has_module: Whether a submodule below the manifests has one, too.
        overlay: How the target's overlay is kept: ``folder``, ``module`` or ``below a module``.
        has_lfs: Whether a prompt is kept in Git LFS.
        has_link: Whether a prompt is a symbolic link to another one.
    """

    home: str = ""
    suffix: str = ".yaml"
    has_module: bool = False
    overlay: str = "folder"
    has_lfs: bool = False
    has_link: bool = False


@dataclass(frozen=True)
class Checkout:
    """How it is checked out.

    Attributes:
        clone: Options of ``git clone``.
        sparse: The folders of a sparse checkout, below the home; None for a full one.
        is_cone: Whether that is given by folders.
        modules: Whether submodules are checked out.
        lfs: Whether the content of Git LFS is fetched.
        config: Settings of git.
    """

    clone: tuple[str, ...] = ()
    sparse: tuple[str, ...] | None = None
    is_cone: bool = True
    modules: bool = True
    lfs: bool = True
    config: tuple[tuple[str, str], ...] = ()


FULL = Checkout()

LAYOUTS = st.builds(
    Layout,
    home=st.sampled_from(["", "proj/"]),
    suffix=st.sampled_from([".yaml", ".yml", ".YAML", ".Yml"]),
    has_module=st.booleans(),
    overlay=st.sampled_from(["folder", "module", "below a module"]),
    has_lfs=st.booleans(),
    has_link=st.booleans(),
)
CHECKOUTS = st.builds(
    Checkout,
    clone=st.sampled_from([(), ("--filter=blob:none",), ("--depth=1",)]),
    sparse=st.none()
    | st.lists(
        st.sampled_from(["assistants", "assistants/team-a", "assistants/team-b", "prompts", "overlays"]), unique=True
    ).map(tuple),
    is_cone=st.booleans(),
    modules=st.booleans(),
    lfs=st.booleans(),
    config=st.lists(
        st.sampled_from([("core.autocrlf", "true"), ("core.symlinks", "false"), ("core.eol", "crlf")]), unique=True
    ).map(tuple),
)


class World:
    """A repository, its clones, and a deployment in memory."""

    def __init__(self, folder: Path, layout: Layout) -> None:
        self.folder = folder
        self.layout = layout
        self.deployment = FakeDeployment()
        self.origin = Repo(folder / "origin")
        for name in ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"):
            self.origin.git("config", name, "true")
        self._clones = 0

    def commit(self, version: int, suffix: str) -> None:
        """Commit a version of all manifests."""
        layout, home = self.layout, self.layout.home
        target = {"url": URL, "prune": True, "limits": {"deletes": "100%"}, "overlay": "overlays/local"}
        document = {"version": 1, "project": "acme", "default_target": "local", "targets": {"local": target}}
        self.origin.write(f"{home}assistant-sync.yaml", yaml.safe_dump(document))
        self.origin.write(f"{home}prompts/a.md", PROMPT * version)
        for stale in (self.origin.folder / home / "assistants").rglob("b.*"):
            stale.unlink()
        for path, prompt in (("team-a/a.yaml", "a.md"), (f"team-b/b{suffix}", "b.md"), ("team-b/c.yaml", "c.md")):
            text = f"graph_id: support_agent\ncontext:\n  system_prompt: {{$file: ../../prompts/{prompt}}}\n"
            self.origin.write(f"{home}assistants/{path}", text)
        link = self.origin.folder / home / "prompts/b.md"
        if layout.has_link and not link.exists():
            link.symlink_to("a.md")
        elif not layout.has_link:
            self.origin.write(f"{home}prompts/b.md", PROMPT)
        self.origin.write(f"{home}prompts/c.md", POINTER if layout.has_lfs else LARGE)
        overlay = {"folder": None, "module": "overlays/local", "below a module": "overlays"}[layout.overlay]
        place = "local/a.yaml" if overlay == "overlays" else "a.yaml"
        if overlay is None:
            self.origin.write(f"{home}overlays/local/a.yaml", "description: Of this target\n")
        elif version == 1:
            self.module(f"{home}{overlay}", place, "description: Of this target\n")
        if layout.has_module and version == 1:
            self.module(f"{home}assistants/shared", "d.yaml", "graph_id: support_agent\n")
        self.origin.commit()

    def module(self, path: str, file: str, text: str) -> None:
        """Add a submodule with one file."""
        inner = Repo(self.folder / f"module-{path.replace('/', '-')}")
        inner.write(file, text)
        inner.commit()
        self.origin.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.folder), path)

    def clone(self, checkout: Checkout) -> Path:
        """Check the repository out."""
        self._clones += 1
        clone = Repo(self.folder / f"clone-{self._clones}", init=False)
        config = [argument for name, value in checkout.config for argument in ("-c", f"{name}={value}")]
        sparse = [] if checkout.sparse is None else ["--no-checkout"]
        clone.git("clone", "-q", *config, *checkout.clone, *sparse, f"file://{self.origin.folder}", ".")
        if checkout.sparse is not None:
            folders = [f"{self.layout.home}{folder}" for folder in checkout.sparse]
            if checkout.is_cone:
                clone.git(
                    "sparse-checkout", "set", "--cone", *([self.layout.home] if self.layout.home else []), *folders
                )
            else:
                patterns = [f"/{self.layout.home}assistant-sync.yaml", *(f"/{folder}/" for folder in folders)]
                clone.git("sparse-checkout", "set", "--no-cone", *patterns)
            clone.git("checkout", "-q", "main")
        if checkout.modules:
            clone.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "update", "--init")
        pointer = clone.folder / self.layout.home / "prompts/c.md"
        if checkout.lfs and self.layout.has_lfs and pointer.exists():
            pointer.write_text(LARGE, newline="")
        return clone.folder / self.layout.home

    def settings(self, folder: Path) -> Settings:
        return Settings(environ={"CI": "true"}, folder=folder, transport=self.deployment)

    def apply(self) -> None:
        """Make the deployment what the commit wants."""
        request = ApplyRequest(plan=PlanRequest(settings=self.settings(self.clone(FULL)), prune=False))
        result = asyncio.run(apply(request, ScriptedUI([]))).run.result
        assert result is not None
        assert result.converged

    def plan(self, checkout: Checkout) -> Plan | None:
        """The plan of a checkout; None if there is none."""
        with suppress(InvalidFiles):
            return asyncio.run(plan(PlanRequest(settings=self.settings(self.clone(checkout))))).plan
        return None


def changes(made: Plan | None) -> set[str]:
    """The digests of what a plan would do: kind, assistant and contents."""
    return set() if made is None or made.is_refused else {change.digest for change in made.writes}


@pytest.fixture(scope="module", autouse=True)
def _no_configuration() -> Iterator[None]:
    """Git reads no settings but the repository's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        patch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
        yield


def test_the_full_checkout_has_a_plan_of_the_commit() -> None:
    with TemporaryDirectory() as folder:
        world = World(Path(folder), Layout(has_module=True, has_lfs=True, has_link=True, overlay="module"))
        world.commit(1, ".yaml")
        world.apply()
        assert changes(world.plan(FULL)) == set()
        world.commit(2, ".yml")
        made = world.plan(FULL)
        assert made is not None
        assert sorted(change.key for change in made.writes) == ["a", "b"]


@settings(max_examples=DEPTH.laws, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(LAYOUTS, CHECKOUTS)
@example(Layout(), Checkout(sparse=("assistants/team-a", "prompts", "overlays")))
@example(Layout(has_module=True), Checkout(modules=False))
@example(Layout(overlay="module"), Checkout(modules=False))
@example(Layout(overlay="below a module"), Checkout(modules=False))
@example(Layout(has_lfs=True), Checkout(lfs=False))
@example(Layout(has_link=True), Checkout(config=(("core.symlinks", "false"),)))
@example(Layout(suffix=".YAML"), Checkout(sparse=("assistants/team-a", "prompts", "overlays")))
@example(Layout(), Checkout(config=(("core.autocrlf", "true"),)))
def test_no_checkout_shows_a_change_that_the_full_one_does_not(layout: Layout, checkout: Checkout) -> None:
    with TemporaryDirectory() as folder:
        world = World(Path(folder), layout)
        world.commit(1, ".yaml")
        world.apply()
        world.commit(2, layout.suffix)
        full, made = world.plan(FULL), world.plan(checkout)
        assert changes(made) <= changes(full)
        assert made is None or full is not None
