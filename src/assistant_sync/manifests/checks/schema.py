"""The shape of a document of checks: pydantic models, each field checked by itself."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidatorFunctionWrapHandler
from pydantic.functional_validators import WrapValidator

from assistant_sync.manifests.checks.pointers import parse_pointer
from assistant_sync.manifests.limits import MAX_CASE_NAME, MAX_CASES, MAX_EXPECTATIONS, MAX_REPEAT
from assistant_sync.manifests.rules.values import KEY_PATTERN, KEY_SHAPE

INTERRUPT = "interrupt"
"""The word that stands in place of expectations."""

_TEXT = "non-empty text"
_ONE_LINE = re.compile(rf"[^\x00-\x1f\x7f-\x9f\u2028\u2029]{{1,{MAX_CASE_NAME}}}")


def _glob(text: str) -> str:
    if not text:
        raise ValueError("this must be a key, or a glob over keys such as support-*")
    return text


def _listed(value: Any) -> Any:  # noqa: ANN401 - a file may have any value here
    """A single text as a list."""
    return [value] if isinstance(value, str) else value


def _name(text: str) -> str:
    if not text.strip() or not _ONE_LINE.fullmatch(text):
        message = f"a case's name is one line of 1 to {MAX_CASE_NAME} characters"
        raise ValueError(message)
    return text


def _pointer(text: str) -> str:
    parse_pointer(text)
    return text


def _expect(value: Any, of_list: ValidatorFunctionWrapHandler) -> Any:  # noqa: ANN401 - a file may have any value here
    return None if value == INTERRUPT else of_list([] if value is None else value)


class EqualsFields(BaseModel):
    """A value of the final state, and what it must be."""

    model_config = ConfigDict(strict=True, extra="forbid")

    path: Annotated[str, AfterValidator(_pointer)]
    value: Any


class JudgeFields(BaseModel):
    """Who judges an answer, and by what."""

    model_config = ConfigDict(strict=True, extra="forbid")

    assistant: str | None = Field(None, pattern=KEY_PATTERN, description=KEY_SHAPE)
    graph: str | None = Field(None, min_length=1, description=_TEXT)
    rubric: str = Field(min_length=1, description=_TEXT)


class ExpectationFields(BaseModel):
    """One expectation; exactly one field is given (``rules.py``)."""

    model_config = ConfigDict(strict=True, extra="forbid")

    contains: str | None = Field(None, min_length=1, description=_TEXT)
    not_contains: str | None = Field(None, min_length=1, description=_TEXT)
    matches: str | None = Field(None, min_length=1, description="a regular expression")
    equals: EqualsFields | None = None
    json_schema: dict[str, Any] | None = Field(None, description="a mapping")
    tool_called: str | None = Field(None, min_length=1, description=_TEXT)
    tool_not_called: str | None = Field(None, min_length=1, description=_TEXT)
    max_words: int | None = Field(None, ge=1, description="an integer of at least 1")
    max_seconds: float | None = Field(None, gt=0, allow_inf_nan=False, description="a number above 0")
    judge: JudgeFields | None = None


class CaseFields(BaseModel):
    """One case; null is absent in every field that need not be there."""

    model_config = ConfigDict(strict=True, extra="forbid")

    name: Annotated[str, AfterValidator(_name)]
    ask: str | None = Field(None, min_length=1, description=_TEXT)
    input: dict[str, Any] | None = Field(None, description="a mapping")
    expect: Annotated[
        list[ExpectationFields] | None,
        Field(
            min_length=1,
            max_length=MAX_EXPECTATIONS,
            description=f"the word {INTERRUPT}, or a list of 1 to {MAX_EXPECTATIONS} expectations",
        ),
        WrapValidator(_expect),
    ]
    repeat: int | None = Field(None, ge=1, le=MAX_REPEAT, description=f"an integer from 1 to {MAX_REPEAT}")
    must_pass: int | None = Field(
        None, alias="pass", ge=1, le=MAX_REPEAT, description=f"an integer from 1 to {MAX_REPEAT}"
    )


class CheckDocument(BaseModel):
    """One document of checks."""

    model_config = ConfigDict(strict=True, extra="forbid")

    assistants: Annotated[list[Annotated[str, AfterValidator(_glob)]] | None, BeforeValidator(_listed)] = Field(
        None, min_length=1, description="a key or a glob over keys, or a list of at least one"
    )
    graph: str | None = Field(None, min_length=1, description=_TEXT)
    cases: list[CaseFields] = Field(min_length=1, max_length=MAX_CASES, description=f"a list of 1 to {MAX_CASES} cases")
