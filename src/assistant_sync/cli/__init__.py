"""The command line: one file per command; each parses, calls one operation, renders and exits."""

from __future__ import annotations

from assistant_sync.cli.main import main

__all__ = ["main"]
