"""Rewrite a graph's schema for editors: references, includes, words, and nothing that looks like a credential."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from assistant_sync.manifests.graph_schemas.reach import resolve
from assistant_sync.manifests.json_schema.form import with_form
from assistant_sync.manifests.json_schema.nodes import or_include, or_null
from assistant_sync.redaction import credential_paths, redact_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assistant_sync.model.values import JsonObject, JsonValue

_LONGEST_NAME = 40

_TEXTS = ("title", "description")
_DATA = ("default", "examples", "enum", "const")
_SIMPLE = (
    "type", "minimum", "maximum", "multipleOf", "minLength", "maxLength", "pattern", "minItems", "maxItems",
    "uniqueItems", "minContains", "maxContains", "maxProperties", "dependentRequired", "minProperties", "required",
    "exclusiveMinimum", "exclusiveMaximum",
)  # fmt: skip
_ONE = ("items", "contains", "additionalItems", "unevaluatedItems", "unevaluatedProperties", "propertyNames")
_EXACT = ("if", "not")
"""What decides or refuses must not take more than it says, so that nothing is refused that was not."""
_MAPS = ("patternProperties", "dependentSchemas")

_NOT_IN_PATCHES = frozenset(
    {"required", "minProperties", "dependentRequired", "dependentSchemas", "dependencies", "if", "then", "else", "not",
     "unevaluatedProperties"}
)  # fmt: skip
"""A patch is a part of the mapping that these rules speak of."""


class Rewriter:
    """Rewrites one schema; what references point to becomes definitions.

    Args:
        root: The whole schema.
        name: The beginning of the names of its definitions.
        is_patch: Whether mappings are patches: nothing is required of them, and null removes a key.
    """

    def __init__(self, root: JsonObject, name: str, *, is_patch: bool) -> None:
        self._root = root
        self._name = name
        self._names: dict[tuple[str, bool, bool], str] = {}
        self._pending: list[tuple[str, bool, bool]] = []
        self._is_patched = is_patch
        self._is_exact = False

    def root(self, schema: JsonObject) -> JsonObject:
        """The schema of the whole mapping; null is not a value of it by itself."""
        return self._rewritten(schema, "")

    def property(self, key: str, schema: JsonObject) -> JsonObject:
        """The schema of one key of the mapping."""
        return self._below(schema, key)

    def suggestion(self, key: str, schema: JsonObject) -> JsonObject:
        """What is suggested for one key, its options as examples."""
        made = dict(self._rewritten(with_form(key, schema), key))
        options = schema.get("enum")
        if isinstance(options, list) and "examples" not in made and not credential_paths({key: options}):
            made["examples"] = options
        return made

    def defs(self) -> Mapping[str, JsonObject]:
        """What references point to by its name, what they refer to themselves included."""
        made: dict[str, JsonObject] = {}
        while self._pending:
            form = self._pending.pop()
            reference, self._is_patched, self._is_exact = form
            made[self._names[form]] = self._referred_to(reference)
        return made

    def _below(self, schema: JsonValue, key: str) -> JsonObject:
        """The schema of a value of a mapping."""
        if not isinstance(schema, dict):
            return {"not": {}} if schema is False else {}
        made = self._rewritten(with_form(key, schema), key)
        return or_null(made) if self._is_patched and not self._is_exact else made

    def _one(self, schema: JsonValue, name: str) -> JsonValue:
        return self._rewritten(schema, name) if isinstance(schema, dict) else schema

    def _rewritten(self, schema: JsonObject, name: str) -> JsonObject:
        """A schema, whose value has a name if it is that of a key."""
        dropped = _NOT_IN_PATCHES if self._is_patched else frozenset()
        made: dict[str, JsonValue] = {}
        for key, value in schema.items():
            if key in dropped:
                continue
            made |= self._keyword(key, value, name)
        if self._is_exact or not _takes_text_alone(schema):
            return made
        return or_include(made)

    def _keyword(self, key: str, value: JsonValue, name: str) -> dict[str, JsonValue]:
        """One keyword; one that is not known says nothing to an editor, and is left out."""
        if key in _TEXTS:
            return {key: redact_text(value)} if isinstance(value, str) else {}
        if key in _DATA:
            return {} if credential_paths({name: value}) else {key: value}
        if key in _SIMPLE:
            return {} if isinstance(value, bool) and key.startswith("exclusive") else {key: value}
        if key == "$ref" and isinstance(value, str):
            return {key: f"#/$defs/{self._definition(value)}"}
        if key in ("allOf", "anyOf", "oneOf") and isinstance(value, list):
            # An include is a mapping, which another of the forms may take as well: one of them is enough.
            joined = "anyOf" if key == "oneOf" and not self._is_exact else key
            return {joined: [self._one(form, name) for form in value]}
        if key in ("properties", *_MAPS) and isinstance(value, dict):
            return {key: {one: self._below(form, one) for one, form in value.items()}}
        return self._inner(key, value, name)

    def _inner(self, key: str, value: JsonValue, name: str) -> dict[str, JsonValue]:
        """A keyword with schemas of another value, or that are not simply added to this one."""
        if key == "additionalProperties":
            return {key: self._below(value, name) if isinstance(value, dict) else value}
        if key in ("items", "prefixItems") and isinstance(value, list):
            return {"prefixItems": [self._whole(one, name) for one in value]}
        if key in _ONE:
            return {key: self._whole(value, name)}
        if key in ("then", "else"):
            return {key: self._one(value, name)}
        if key in _EXACT:
            was, self._is_exact = self._is_exact, True
            exact = self._one(value, name)
            self._is_exact = was
            return {key: exact}
        return {}

    def _whole(self, value: JsonValue, name: str) -> JsonValue:
        """The schema of an item: a patch replaces lists as a whole."""
        was, self._is_patched = self._is_patched, False
        made = self._one(value, name)
        self._is_patched = was
        return made

    def _definition(self, reference: str) -> str:
        """The name of what a reference points to; a chain of references may be long, so each waits for its turn."""
        form = (reference, self._is_patched, self._is_exact)
        if form not in self._names:
            plain = re.sub(r"[^A-Za-z0-9]+", "_", redact_text(reference).rpartition("/")[2])[:_LONGEST_NAME]
            count = sum(1 for one in self._names.values() if one.split(".")[-2] == plain)
            self._names[form] = f"{self._name}.{plain}.{count + 1}"
            self._pending.append(form)
        return self._names[form]

    def _referred_to(self, reference: str) -> JsonObject:
        found = resolve(self._root, reference)
        made = self._rewritten(found, "") if isinstance(found, dict) else {}
        # A credential would show by the name of the key that refers to it, which is not known here.
        made = {key: value for key, value in made.items() if key not in ("default", "examples")}
        return or_null(made) if self._is_patched and not self._is_exact else made


def _takes_text_alone(schema: JsonObject) -> bool:
    """Whether a text is among the values, and the mapping that stands for one is not."""
    kind = schema.get("type")
    if kind is None:
        options = schema.get("enum", [schema.get("const")])
        return isinstance(options, list) and any(isinstance(one, str) for one in options)
    kinds = kind if isinstance(kind, list) else [kind]
    return "string" in kinds and "object" not in kinds
