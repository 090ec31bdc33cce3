from __future__ import annotations

import click
import pytest

from assistant_sync.cli.parameters import Duration, Group, GroupedCommand, GroupedOption


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("20m", 1200), ("1h", 3600), (" 1.5 m ", 90), ("0", 0)]
)
def test_a_duration_is_read_in_seconds(text: str, seconds: float) -> None:
    assert Duration().convert(text, None, None) == seconds


@pytest.mark.parametrize("text", ["", "soon", "-1", "1d", "1h30m", "m"])
def test_anything_else_is_not_a_duration(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is not a duration such as 90s, 20m or 1h"):
        Duration().convert(text, None, None)


def test_an_option_without_a_group_is_among_the_commands_own() -> None:
    assert GroupedOption(["--probe"]).group is Group.OWN


def test_groups_without_options_are_left_out() -> None:
    options = [GroupedOption(["--yes"], group=Group.SAFETY, help="Do it."), click.Argument(["file"], required=False)]
    command = GroupedCommand("do", params=[*options, GroupedOption(["--old"], hidden=True, group=Group.CI)])
    usage, *lines = command.get_help(click.Context(command)).splitlines()
    assert "[FILE]" in usage
    assert [line for line in lines if line.endswith(":")] == ["Safety:", "Other:"]
    assert "FILE" not in "".join(lines)
