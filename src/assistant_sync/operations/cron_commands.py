"""Command lines that make archived crons again; what an archive holds is untrusted, and keys stay out of them."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast
from urllib.parse import quote

from assistant_sync.model.aftermath import CronCommand
from assistant_sync.redaction import MASK, credential_paths, redact_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assistant_sync.model.cron import Cron
    from assistant_sync.model.project import Target
    from assistant_sync.model.values import JsonObject, JsonValue, Path
    from assistant_sync.transport import Endpoint

_KEY_HEADER = "x-api-key"

_OF_THE_ROW = ("timezone", "end_time", "on_run_completed", "metadata")
"""What a server keeps of a cron beside its payload, which is the body that made it (docs/servers.md)."""


def cron_commands(
    crons: Sequence[Cron], assistant_id: str, endpoint: Endpoint, target: Target
) -> tuple[CronCommand, ...]:
    """Make the command line for each cron.

    Args:
        crons: As the archive has them.
        assistant_id: The assistant that they run.
        endpoint: Where the deployment is.
        target: Which of its headers come from variables.
    """
    return tuple(_command(cron, assistant_id, endpoint, target) for cron in crons)


def _command(cron: Cron, assistant_id: str, endpoint: Endpoint, target: Target) -> CronCommand:
    body = _body(cron, assistant_id)
    secret = credential_paths(body)
    # Printable ASCII, whatever the archive holds: nothing of it can end a line or hide.
    text = json.dumps(_masked(body, (), frozenset(secret)))
    thread = cron.row.get("thread_id")
    path = f"/threads/{quote(thread, safe='')}/runs/crons" if isinstance(thread, str) and thread else "/runs/crons"
    parts = ["curl --globoff -sS -X POST", shlex.quote(endpoint.url + path), *_headers(endpoint, target)]
    command = " ".join([*parts, "--data-raw", shlex.quote(text)])
    return CronCommand(redact_text(cron.cron_id), redact_text(cron.schedule), command, is_masked=bool(secret))


def _body(cron: Cron, assistant_id: str) -> dict[str, JsonValue]:
    payload = cron.row.get("payload")
    body: dict[str, JsonValue] = dict(payload) if isinstance(payload, Mapping) else {}
    body |= {name: cron.row[name] for name in _OF_THE_ROW if cron.row.get(name)}
    if cron.row.get("enabled") is False:
        body["enabled"] = False
    body |= {"assistant_id": assistant_id, "schedule": cron.schedule}
    config = body.get("config")
    if isinstance(config, Mapping):
        body["config"] = _without_the_servers_own(config, body.get("context"))
    return {name: value for name, value in body.items() if value not in (None, {}, [])}


def _without_the_servers_own(config: JsonObject, context: JsonValue) -> JsonObject:
    """A config without what the server put into it: the cron's id, and a mirror of the context."""
    configurable = config.get("configurable")
    if not isinstance(configurable, Mapping):
        return config
    kept = {name: value for name, value in configurable.items() if name != "cron_id"}
    others = {name: value for name, value in config.items() if name != "configurable"}
    return others if not kept or kept == context else {**others, "configurable": kept}


def _headers(endpoint: Endpoint, target: Target) -> Iterator[str]:
    """The options for headers; values that are secret are references to variables."""
    variables = {name.lower(): variable for name, variable in target.headers_env.items()}
    if endpoint.key_source is not None:
        variables[_KEY_HEADER] = endpoint.key_source
    yield "-H 'Content-Type: application/json'"
    for name in endpoint.headers:
        if name in variables:
            yield f'-H {shlex.quote(f"{name}: ")}"${variables[name]}"'
        else:
            yield f"-H {shlex.quote(f'{name}: ...')}"


def _masked(value: JsonValue, path: Path, secret: frozenset[Path]) -> JsonValue:
    if path in secret:
        return MASK
    if isinstance(value, Mapping):
        return {key: _masked(inner, (*path, key), secret) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(cast("JsonValue", inner), (*path, index), secret) for index, inner in enumerate(value)]
    return value
