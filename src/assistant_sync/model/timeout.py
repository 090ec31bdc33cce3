"""How long one request may take."""

from __future__ import annotations

DEFAULT_TIMEOUT = 30.0
"""Seconds for one request, from its first byte to the last of its answer."""
