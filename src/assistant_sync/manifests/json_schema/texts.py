"""What editors show of each field, in the words of docs/manifests.md.

By the field's path, with ``*`` for any key or item.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_PROJECT: Mapping[str, str] = {
    "": "Whose assistants these are, and where they live.",
    "version": "The version of this format: 1.",
    "project": (
        "The project's name: 1 to 63 characters of a-z, 0-9 and '-', the first a letter or digit. It is written on "
        "every assistant as its owner, and is a part of the derived ids."
    ),
    "former_projects": "Names that this project had before, the oldest first.",
    "manifests": "The manifests' folder. Default: assistants.",
    "archive": (
        "The folder in which deleted assistants are kept. Without it they are kept in 'archive', and deletes are "
        "refused if CI is set."
    ),
    "allow_literals": "Paths that hold no credential although they look like it.",
    "allow_literals.*.path": (
        "A path such as context.tools[0].token, or a list of its parts; it includes all that is below it."
    ),
    "allow_literals.*.reason": "A sentence that says why.",
    "default_target": "The target to use without --target. Default: the only target, if there is one.",
    "checks": "Where and how the checks are asked.",
    "checks.target": "The target that may be asked in a pull request. Default: none is asked there.",
    "checks.gate": "true asks before every apply, which stops if an answer is not as expected. Default: false.",
    "checks.max_runs": "The most runs that one check may start. Default: 200.",
    "checks.allow_default_context": (
        "Whether values of a graph's default assistant may lie beneath what is compared. Default: false."
    ),
    "targets": "The deployments, by name. 'validate' needs none, 'plan' and 'apply' need one.",
}

_TARGET: Mapping[str, str] = {
    "": "A deployment.",
    "url": (
        "https://, or http:// for localhost, 127.0.0.0/8 and [::1], or with allow_http. It may have a path; no query, "
        "fragment, user name or password."
    ),
    "api_key_env": (
        "The NAME of the environment variable that holds the API key. Default: the first that is set of "
        "LANGGRAPH_API_KEY, LANGSMITH_API_KEY, LANGCHAIN_API_KEY."
    ),
    "auth": "key (default), or none: no API key is sent, although a variable is set.",
    "allow_http": "true allows plain http:// to another machine. Whoever is on that network can read keys and prompts.",
    "headers": "Headers to send as written. Secret ones belong in headers_env.",
    "headers_env": "For each header, the name of the environment variable that holds its value.",
    "ca_file": "Certificates of a private CA, trusted in addition to the usual ones.",
    "cert_file": "A client certificate.",
    "key_file": "The key of cert_file, if it is in a separate file.",
    "overlay": "The folder with what differs on this target. Default: overlays/<target>, if it is there.",
    "formerly": "Names that this target had before. Keep the line until each assistant has changed once.",
    "limits": (
        "The guards of a plan: a count (5, no quotes) or a percentage (10%) of the assistants that the project owns on "
        "the deployment."
    ),
    "limits.deletes": "The most deletes in one plan. Default: 10%.",
    "limits.updates": "The most updates and activations in one plan, counted together. Default: no limit.",
    "lock": (
        "on (default: 60), off, or the seconds, from 2 to 3600, that the lock of an apply holds unless it is renewed."
    ),
    "activation": "When an earlier version is activated: safe (default), full or never.",
    "measured_version": (
        "The server's version that doctor --probe measured to restore versions whole. While the deployment reports it, "
        "plan reads listings without contexts. Requires activation: full."
    ),
    "prune": "Whether an owned assistant without a manifest is deleted, as with --prune. Default: false.",
    "schema": (
        "What a context that does not fit the schema of its graph is: error (default), warn, or off for no check."
    ),
}

MANIFEST: Mapping[str, str] = {
    "": "One assistant. A null field counts as absent.",
    "key": (
        "The assistant's name in git: 1 to 63 characters of a-z, 0-9, '.', '_' and '-', the first a letter or digit; "
        "unique in the project. Default: the file name's stem."
    ),
    "graph_id": "A graph that the deployment serves: a name in its langgraph.json.",
    "name": "The display name. Default: the key.",
    "description": "What the assistant is for. {$file: path} reads it from a file.",
    "context": (
        "What the graph's context schema defines. A graph that reads only config.configurable has its values there "
        "instead. {$file: path} may stand for any text."
    ),
    "config": (
        "recursion_limit, tags, configurable and metadata; any other key is sent as written. {$file: path} may stand "
        "for any text."
    ),
    "config.recursion_limit": "The most steps of a run: an integer from 1 to 2147483647.",
    "config.tags": "A list of texts; each run gets them.",
    "config.configurable": (
        "The values of a graph that reads only config.configurable, as many in JavaScript do; never together with "
        "context."
    ),
    "config.metadata": "Metadata of each run.",
    "metadata": (
        "Git owns the keys named here. Others on the deployment stay as they are. A key with the value null is owned, "
        "and is absent on the deployment. {$file: path} may stand for any text."
    ),
    "assistant_id": (
        "A UUID. Names an assistant that exists; keep the line for its lifetime. Default: derived from project and key."
    ),
    "lifecycle": "What assistant-sync may do with the assistant.",
    "lifecycle.prevent_delete": "true keeps the assistant from being pruned. Default: false.",
    "lifecycle.ignore_changes": (
        "Paths of fields that somebody else owns once the assistant is there, such as context.temperature, or lists of "
        "their parts."
    ),
    "moved_from": (
        "The key that the assistant had before, or a list of its keys, the oldest first. Keep the line for its "
        "lifetime."
    ),
}

PROJECT: Mapping[str, str] = {
    **_PROJECT,
    **{f"targets.*{'.' if field else ''}{field}": text for field, text in _TARGET.items()},
}

OVERLAY = (
    "What differs on one target: mappings are merged, null removes, anything else replaces, lists as a whole "
    "(RFC 7396)."
)
