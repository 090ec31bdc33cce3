"""The command line: one file per command; each parses, calls one operation, renders and exits."""

from __future__ import annotations

try:
    from assistant_sync.cli.main import main, run
except KeyboardInterrupt:
    # Ctrl-C while the program starts: there is nothing yet that could report it.
    raise SystemExit(130) from None

__all__ = ["main", "run"]
