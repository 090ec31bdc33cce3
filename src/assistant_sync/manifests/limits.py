"""Every limit on project file, manifests and included texts: sizes, depths, lengths and numbers."""

from __future__ import annotations

from assistant_sync.model.values import MAX_EXACT_INTEGER

MAX_FILE_BYTES = 2**20
"""1 MiB: one manifest, overlay, project file or included text."""

MAX_INCLUDED_CHARACTERS = 16 * 2**20
"""All texts that one document includes: many includes of one text would multiply it."""

MAX_ALIAS_CHARACTERS = 10 * 2**20
"""All values that the aliases and merge keys of one file stand for."""

MAX_REPEATED_CHARACTERS = 64 * 2**20
"""All that aliases and includes repeat in a project: a few files would make a plan of any size."""

MAX_PATH_LENGTH = 4096
"""Characters of the path of an included text: no system has longer ones."""

MAX_DEPTH = 100
"""Levels of lists and mappings in a document; the official server stops at 254."""

MAX_INTEGER = MAX_EXACT_INTEGER
"""Integers lie within plus and minus this: JSON numbers beyond are rounded by programs that read them as floats."""

FLOAT_LIMIT = 2.0**63
"""Numbers from here on, plus or minus, become integers on PostgreSQL, which no answer can hold (docs/servers.md)."""

MAX_DIGITS = 4000
"""Digits of an unquoted number; int() refuses more than 4300."""

MAX_RECURSION_LIMIT = 2**31 - 1
"""``config.recursion_limit``: the PostgreSQL servers keep it in 32 bits (docs/servers.md)."""

MAX_NAME_LENGTH = 512
"""Characters of a name that servers on PostgreSQL accept (docs/servers.md); more is a warning."""

MAX_PROBLEMS_OF_ONE_FILE = 200
"""Problems of one file that are reported: one mistake behind an alias may repeat a hundred thousand times."""

MAX_ERRORS_OF_ONE_VALUE = 1000
"""Errors of one value that become sentences: a long list of wrong items would take long."""

MAX_CASES = 1000
"""Cases of one document of checks."""

MAX_EXPECTATIONS = 100
"""Expectations of one case."""

MAX_REPEAT = 100
"""How often one case asks."""

MAX_CASE_NAME = 200
"""Characters of a case's name: reports show it in one line."""
