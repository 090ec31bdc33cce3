"""``python -m assistant_sync`` is the same as ``assistant-sync``."""

from __future__ import annotations

import sys

from assistant_sync.cli import main

if __name__ == "__main__":
    sys.exit(main())
