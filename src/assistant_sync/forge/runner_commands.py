"""Lines that a runner would obey as commands, changed so that it obeys none of them.

GitHub Actions: after blanks at a line's beginning, ``::name key=value::data``; anywhere in a line ``##[name]data``
(actions/runner, ``ActionCommand.cs``). Azure Pipelines: ``##vso[area.action]`` and ``##[group]`` (its page "Logging
commands"). TeamCity: ``##teamcity[name]`` (its page "Service Messages"). GitLab's sections need control characters,
which every output escapes.
"""

from __future__ import annotations

import re

# The runner of GitHub strips blanks, and may skip characters without width, before it looks for the two colons.
_COLONS = re.compile(r"(?:^|(?<=\r))[^!-~\w\r\n]*::", re.MULTILINE)
_HASHES = re.compile(r"##(?=\w*\[)")
_HASHES_IN_JSON = re.compile(r"##(\w*)\[")


def inert(text: str) -> str:
    """Change a text, visibly, so that no runner obeys one of its lines."""
    return _HASHES.sub("## ", _COLONS.sub(lambda found: "| " + found[0], text))


def inert_json(text: str) -> str:
    """Change a JSON document, as ``dumps`` writes it, so that no runner obeys a line; its values stay the same."""
    # A line of such a document begins with a bracket or a quotation mark, and two number signs are part of a string.
    return _HASHES_IN_JSON.sub(r"##\1\\u005b", text)
