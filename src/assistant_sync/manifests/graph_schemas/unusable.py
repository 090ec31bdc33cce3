"""The one error of this package."""

from __future__ import annotations


class UnusableSchema(ValueError):
    """A schema that nothing is held against; the message follows "the schema of graph X cannot be used: "."""
