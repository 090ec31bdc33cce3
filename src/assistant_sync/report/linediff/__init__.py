"""How two texts differ, line by line and word by word; the work is bounded."""
