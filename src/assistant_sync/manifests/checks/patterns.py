"""Regular expressions of checks: those of Rust's linear engine, which pydantic-core brings."""

from __future__ import annotations

from pydantic_core import SchemaError, SchemaValidator, core_schema

from assistant_sync.manifests.graph_schemas.patterns import states_of

MOST_STATES = 2000
"""Of one pattern: each character of an answer may cost a step for each."""


class UnusablePattern(ValueError):
    """A pattern that nothing is held against; the message ends a sentence about it."""


class LinearPattern:
    """A compiled pattern; a ``TextPattern``.

    Args:
        pattern: The regular expression.

    Raises:
        UnusablePattern: The engine does not read it, or it is too large.
    """

    __slots__ = ("_validator",)

    def __init__(self, pattern: str) -> None:
        if states_of(pattern) > MOST_STATES:
            message = f"this pattern has more than {MOST_STATES:,} states with its repetitions written out"
            raise UnusablePattern(message)
        try:
            # Such a text is one in which the pattern is found anywhere.
            self._validator = SchemaValidator(core_schema.str_schema(pattern=pattern, regex_engine="rust-regex"))
        except SchemaError as error:
            raise UnusablePattern(_reason(str(error))) from error

    def is_in(self, text: str) -> bool:
        """See ``TextPattern.is_in``."""
        # An unpaired surrogate, which JSON may escape, is no text to the engine.
        return self._validator.isinstance_python(text.encode("utf-8", "replace").decode())


def _reason(message: str) -> str:
    """What is wrong with a pattern, without the lines that quote it."""
    _, _, reason = message.rpartition("error: ")
    if "look-around" in reason:
        return "look-around ((?=, (?!, (?<= and (?<!) is not supported, because patterns are matched in linear time"
    if "backreferences" in reason:
        return "backreferences are not supported, because patterns are matched in linear time"
    if "size limit" in message:
        return "this pattern is too large once it is compiled"
    return (
        f"this is no regular expression of Rust's engine: {reason.splitlines()[0]}" if reason else "this is no pattern"
    )
