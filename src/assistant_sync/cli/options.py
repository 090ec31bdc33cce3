"""The options common to all commands, taken before and after the command's name."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from assistant_sync.cli.parameters import Group, GroupedOption, Rate, Seconds
from assistant_sync.model.timeout import DEFAULT_TIMEOUT
from assistant_sync.report.formats import FORMATS, renderer

if TYPE_CHECKING:
    from assistant_sync.operations.workspace import Settings
    from assistant_sync.report.formats import Rendered, Subject
    from assistant_sync.transport import Pacer

F = TypeVar("F", bound=Callable[..., Any])

_PREFIX = "ASSISTANT_SYNC_"

_PACER = "pacer"
"""Under which the options keep it."""


def variable(name: str) -> str:
    """The environment variable of an option."""
    return _PREFIX + name.upper().replace("-", "_")


def option(*names: str, group: Group = Group.OWN, **settings: Any) -> Callable[[F], F]:
    """Declare an option that an environment variable can set as well.

    Args:
        names: As the command line takes them.
        group: Where ``--help`` shows it.
        settings: Of click.
    """
    return click.option(*names, cls=GroupedOption, group=group, envvar=variable(_longest(names)), **settings)


def common_options(*, top: bool = False, meanings: Mapping[str, str] | None = None) -> Callable[[F], F]:
    """Add the common options.

    Args:
        top: Whether this is the group of commands, which alone reads the environment: an option after the command's
            name takes precedence over one before it, and both over the environment.
        meanings: Help texts of options that mean something else to this command, by the option's name.
    """

    def add(function: F) -> F:
        for names, settings in reversed(_COMMON):
            name = _longest(names)
            more: dict[str, Any] = {"group": _GROUPS[name]} | ({"envvar": variable(name)} if top else {})
            if meanings and name in meanings:
                more |= {"group": Group.OWN, "help": meanings[name]}
            common = click.option(
                *names, cls=GroupedOption, expose_value=False, callback=_remember, **{**settings, **more}
            )
            function = common(function)
        return function

    return add


def _longest(names: Sequence[str]) -> str:
    return max(names, key=len).split("/")[0].lstrip("-")


def settings_of(ctx: click.Context) -> Settings:
    """The common options as the operations take them."""
    # The help of the program shows options and asks for none of these, which take half of its time.
    from pathlib import Path

    from assistant_sync.operations.workspace import Settings

    options = _options(ctx)
    config = options.get("config")
    key_variable = options.get("api_key_env")
    return Settings(
        environ=dict(os.environ),
        folder=Path.cwd(),
        config=None if config is None else Path(config),
        target=options.get("target"),
        url=options.get("url"),
        api_key_env=variable_name(ctx, "--api-key-env", key_variable) if key_variable else key_variable,
        timeout=options.get("timeout", DEFAULT_TIMEOUT),
        keeps_built=not options.get("no_cache"),
        pacer=_pacer_of(options),
    )


def _pacer_of(options: dict[str, Any]) -> Pacer | None:
    """What spaces the requests of this command; one for all of its connections."""
    if "max_rps" not in options:
        return None
    if _PACER not in options:
        from assistant_sync.transport import Pacer  # brings in httpx, which offline commands do not need

        options[_PACER] = Pacer(options["max_rps"])
    pacer: Pacer = options[_PACER]
    return pacer


def variable_name(ctx: click.Context, option_name: str, text: str) -> str:
    """The name of a variable that holds a key; a key that was pasted by mistake must not be repeated in messages.

    Raises:
        click.UsageError: It can be no variable's name.
    """
    from assistant_sync.redaction import redact_text  # as above

    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", text) is None or redact_text(text) != text:
        message = f"{option_name}: this looks like a key, not like the name of a variable that holds one."
        raise click.UsageError(message, ctx)
    return text


def format_of(ctx: click.Context) -> str:
    """The output format."""
    return str(_options(ctx).get("format", "text"))


def timeout_of(ctx: click.Context, *, default: float = DEFAULT_TIMEOUT) -> float:
    """The seconds that one request may take."""
    return float(_options(ctx).get("timeout", default))


def renderer_of(ctx: click.Context, subject: Subject) -> Callable[..., Rendered]:
    """What renders the result of a command in the output format; to be called before anything is done.

    Raises:
        click.UsageError: That format has no form of it.
    """
    name = format_of(ctx)
    if subject not in FORMATS[name]:
        forms = ", ".join(form for form, subjects in FORMATS.items() if subject in subjects)
        message = f"--format: '{ctx.command.name}' has no {name} form; its forms are {forms}."
        raise click.UsageError(message, ctx)
    return renderer(name, subject)


def is_verbose(ctx: click.Context) -> bool:
    """Whether --verbose was given."""
    return bool(_options(ctx).get("verbose"))


def is_quiet(ctx: click.Context) -> bool:
    """Whether --quiet was given."""
    return bool(_options(ctx).get("quiet"))


def _options(ctx: click.Context) -> dict[str, Any]:
    state = ctx.find_root().obj
    return state if isinstance(state, dict) else {}


def _remember(ctx: click.Context, param: click.Parameter, value: Any) -> None:  # noqa: ANN401 - click's signature
    if value is not None and param.name is not None:
        _options(ctx)[param.name] = value


_COMMON: tuple[tuple[tuple[str, ...], dict[str, Any]], ...] = (
    (
        ("--config", "-c"),
        {
            "type": click.Path(dir_okay=False),
            "metavar": "FILE",
            "help": "The project file.  [default: assistant-sync.yaml in this folder or above]",
        },
    ),
    (("--target", "-t"), {"metavar": "NAME", "help": "The target to use.  [default: the project's default_target]"}),
    (
        ("--url",),
        {
            "metavar": "URL",
            "help": (
                "Override the target's URL. No API key is sent to a different origin unless --api-key-env names one."
            ),
        },
    ),
    (("--api-key-env",), {"metavar": "NAME", "help": "The environment variable that holds the API key."}),
    (
        ("--timeout",),
        {
            "type": Seconds(min=0, min_open=True),
            "metavar": "SECONDS",
            "help": "Timeout for a single request.  [default: 30]",
        },
    ),
    (
        ("--no-cache",),
        {
            "is_flag": True,
            "default": None,
            "help": "Build all manifests again; plan, drift and check keep what they built, apply never uses that.",
        },
    ),
    (
        ("--max-rps",),
        {
            "type": Rate(),
            "metavar": "N",
            "help": "Start at most N requests a second to the deployment, evenly spaced.  [default: no limit]",
        },
    ),
    (("--format", "-f"), {"type": click.Choice(tuple(FORMATS)), "help": "How data is printed.  [default: text]"}),
    (("--verbose", "-v"), {"is_flag": True, "default": None, "help": "Show unchanged assistants and complete texts."}),
    (("--quiet", "-q"), {"is_flag": True, "default": None, "help": "Print only results and errors."}),
)

_GROUPS = {
    "config": Group.SELECTION,
    "target": Group.SELECTION,
    "url": Group.CONNECTION,
    "api-key-env": Group.CONNECTION,
    "timeout": Group.CONNECTION,
    "no-cache": Group.SELECTION,
    "max-rps": Group.CONNECTION,
    "format": Group.OUTPUT,
    "verbose": Group.OUTPUT,
    "quiet": Group.OUTPUT,
}
