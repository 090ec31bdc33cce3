"""Additions to click: options in groups, and durations (``90``, ``90s``, ``20m``, ``1h``)."""

from __future__ import annotations

import math
import re
from enum import Enum
from typing import Any

import click


class Group(Enum):
    """The groups of options, in the order of ``--help``."""

    OWN = "Options"
    SELECTION = "Selection"
    SAFETY = "Safety"
    CI = "CI"
    CONNECTION = "Connection"
    OUTPUT = "Output"
    OTHER = "Other"


class GroupedOption(click.Option):
    """An option that ``--help`` shows in its group."""

    def __init__(self, *args: Any, group: Group = Group.OWN, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.group = group


class GroupedCommand(click.Command):
    """A command whose ``--help`` shows options in groups, and names their environment variables once."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each group of options under its name."""
        groups: dict[Group, list[tuple[str, str]]] = {group: [] for group in Group}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None and isinstance(param, click.Option):
                groups[param.group if isinstance(param, GroupedOption) else Group.OTHER].append(record)
        for group, records in groups.items():
            if records:
                with formatter.section(group.value):
                    formatter.write_dl(records)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the rule for environment variables, then the command's own epilog."""
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(VARIABLES)
        super().format_epilog(ctx, formatter)


VARIABLES = (
    "Every option except --help and --version can be set as ASSISTANT_SYNC_<NAME>: --lock-timeout as "
    "ASSISTANT_SYNC_LOCK_TIMEOUT, for example. The command line takes precedence."
)


class Seconds(click.FloatRange):
    """A number of seconds that ends some day: neither infinite nor no number."""

    def convert(self, value: float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the seconds."""
        seconds = float(super().convert(value, param, ctx))
        if not math.isfinite(seconds):
            self.fail(f"{value!r} is not a number of seconds", param, ctx)
        return seconds


class Rate(click.FloatRange):
    """A positive, finite number of requests a second."""

    def __init__(self) -> None:
        super().__init__(min=0, min_open=True)

    def convert(self, value: float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the requests a second."""
        rate = float(super().convert(value, param, ctx))
        if not math.isfinite(rate):
            self.fail(f"{value!r} is not a number of requests a second", param, ctx)
        return rate


class Duration(click.ParamType[float]):
    """A duration; its value is in seconds."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the seconds."""
        if isinstance(value, float):
            return value
        found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh]?)", str(value).strip())
        if found is None:
            self.fail(f"{value!r} is not a duration such as 90s, 20m or 1h", param, ctx)
        return float(found[1]) * _UNITS[found[2]]


_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}
