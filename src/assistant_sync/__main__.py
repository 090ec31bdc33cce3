"""``python -m assistant_sync`` is the same as ``assistant-sync``."""

from __future__ import annotations

from assistant_sync.cli import run

if __name__ == "__main__":
    run()
