"""How long a pattern may take for each character: its engine keeps every state that a text may be in."""

from __future__ import annotations

import re
from functools import lru_cache

_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{(\d{1,9})(?:,(\d{0,9}))?\}|.", re.DOTALL)
_MOST = 10**9


@lru_cache(maxsize=1024)
def states_of(pattern: str) -> int:
    """About how many states a pattern has once its repetitions are written out; never more than a billion.

    Args:
        pattern: A regular expression; one that is none has some number as well.
    """
    outer: list[int] = []
    states = last = 0
    for token in _TOKEN.finditer(pattern):
        text = token[0]
        if text == "(":
            outer.append(states)
            states = last = 0
        elif text == ")" and outer:
            last = states
            states = min(states + outer.pop(), _MOST)
        elif token[1] is not None:
            repeated = last * max(int(token[1]), int(token[2] or 0), 1)
            states = min(states - last + repeated, _MOST)
            last = min(repeated, states)
        elif text not in "*+?|^$":
            states, last = min(states + 1, _MOST), 1
    return max(states + sum(outer), 1)
