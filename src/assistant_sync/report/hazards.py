"""The expressions that find what ``escape`` makes inert; compiling them takes longer than writing most outputs."""

from __future__ import annotations

import re

from assistant_sync.model.invisible import HAZARDS

HAZARD = re.compile(f"[{HAZARDS}]")
JSON_HAZARD = re.compile(rf"(?!\n)[{HAZARDS}]")  # the encoder leaves none of U+0000 to U+001F but line feeds


# A backslash that would read as one of our escapes is doubled, so that no two texts look the same. A run of them is
# taken as a whole, or a long one that ends in nothing of ours would be tried from each of its characters.
def _special(hazards: str) -> re.Pattern[str]:
    read_as_ours = rf"[tr]|x[0-9a-f]{{2}}|u[0-9a-f]{{4}}|U[0-9a-f]{{8}}|[{hazards}]"
    return re.compile(rf"(?<!\\)\\++(?={read_as_ours})|(?P<hazard>[{hazards}])")


SPECIAL = _special(HAZARDS)
_NOT_ASCII = r"\x00-\x1f\x7f-\U0010ffff"
SPECIAL_OR_NOT_ASCII = _special(_NOT_ASCII)
