"""A client of the YAML language server, which the editors run: over stdio, with what a test asks of it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from queue import Empty, Queue
from typing import TYPE_CHECKING, Any, Self

from tests.conformance.installing import find_node, node_packages

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

PINS = ("yaml-language-server@1.25.0",)
"""The one place that names the version: it needs Node 20, as 2.0.0 does not."""

_SECONDS = 60.0

_YAML: dict[str, Any] = {
    "schemaStore": {"enable": False, "url": ""},
    "kubernetesCRDStore": {"enable": False},
    "validate": True,
    "hover": True,
    "completion": True,
    "yamlVersion": "1.2",
}


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A diagnostic as the server reports it.

    Attributes:
        line: Counted from 1, as editors show it.
        message: Its words.
    """

    line: int
    message: str


class LanguageServer:
    """The server as a process; a context manager.

    Args:
        folder: The workspace.

    Attributes:
        asked: The methods that the server has called, with what they carry.

    Raises:
        CannotRun: This machine has neither Node nor npm, or the package cannot be installed.
    """

    def __init__(self, folder: Path) -> None:
        node = find_node()
        packages = node_packages("yaml-language-server", PINS, node)
        script = packages / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
        # Whatever the server would fetch, it would ask this for; nobody answers, and the connection is counted.
        self._proxy = socket.create_server(("127.0.0.1", 0))
        self._proxy.setblocking(False)
        proxy = f"http://127.0.0.1:{self._proxy.getsockname()[1]}"
        proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), proxy)
        self._settings: dict[str, Any] = {"yaml": _YAML, "http": {"proxy": proxy, "proxyStrictSSL": False}}
        self._folder = folder.resolve()
        self._process = subprocess.Popen(
            [str(node.node), str(script), "--stdio"],
            cwd=folder,
            env={"PATH": f"{node.folder}{os.pathsep}{os.environ['PATH']}", "HOME": str(folder), **proxies},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._answers: Queue[dict[str, Any]] = Queue()
        self._published: Queue[dict[str, Any]] = Queue()
        self._number = 0
        self.asked: list[tuple[str, Any]] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def __enter__(self) -> Self:
        self._call(
            "initialize",
            {
                "processId": None,
                "rootUri": self._folder.as_uri(),
                "workspaceFolders": [{"uri": self._folder.as_uri(), "name": "test"}],
                "capabilities": {
                    "workspace": {"configuration": True},
                    "textDocument": {
                        "completion": {"completionItem": {"documentationFormat": ["plaintext"]}},
                        "hover": {"contentFormat": ["plaintext"]},
                    },
                },
            },
        )
        self._notify("initialized", {})
        self._notify("workspace/didChangeConfiguration", {"settings": self._settings})
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._proxy.close()

    def connections(self) -> int:
        """How often the server has tried to reach anything outside of this machine."""
        count = 0
        with suppress(BlockingIOError):
            while True:
                self._proxy.accept()[0].close()
                count += 1
        return count

    @contextmanager
    def with_settings(self, settings: Mapping[str, Any]) -> Iterator[None]:
        """Have settings of an editor, by their full names, for a while."""
        before = self._settings
        below = {name.removeprefix("yaml."): value for name, value in settings.items()}
        self._configure({**before, "yaml": {**before["yaml"], **below}})
        yield
        self._configure(before)

    def _configure(self, settings: dict[str, Any]) -> None:
        self._settings = settings
        self._notify("workspace/didChangeConfiguration", {"settings": settings})

    def reported(self, path: str, text: str) -> list[dict[str, Any]]:
        """Open a text as a file of the workspace, and return what the server finds wrong, as the protocol has it."""
        uri = self._open(path, text)
        while True:
            published = self._take(self._published)
            if published["uri"] == uri:
                return list(published["diagnostics"])

    def diagnostics(self, path: str, text: str) -> list[Diagnostic]:
        """The same by lines."""
        found = [Diagnostic(one["range"]["start"]["line"] + 1, one["message"]) for one in self.reported(path, text)]
        return sorted(found, key=lambda one: (one.line, one.message))

    def completions(self, path: str, text: str) -> list[dict[str, Any]]:
        """What the server offers where the text has ``|``, which is not a part of the file."""
        answer = self._at_mark("textDocument/completion", path, text)
        items = answer["items"] if isinstance(answer, dict) else answer
        return list(items or ())

    def labels(self, path: str, text: str) -> list[str]:
        """The labels of what is offered where the text has ``|``."""
        return [one["label"] for one in self.completions(path, text)]

    def hover(self, path: str, text: str) -> str:
        """What the server shows over the word after ``|``."""
        answer = self._at_mark("textDocument/hover", path, text)
        contents = answer["contents"] if answer else ""
        return str(contents["value"] if isinstance(contents, dict) else contents)

    def _at_mark(self, method: str, path: str, text: str) -> Any:
        before, _, after = text.partition("|")
        line = before.count("\n")
        position = {"line": line, "character": len(before) - before.rfind("\n") - 1}
        uri = self._open(path, before + after)
        return self._call(method, {"textDocument": {"uri": uri}, "position": position})

    def _open(self, path: str, text: str) -> str:
        """Each text is a file of its own beside the path: the server remembers what it has read of one."""
        self._number += 1
        place = self._folder / path
        uri = place.with_name(f"{place.stem}-{self._number}{place.suffix}").as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._notify("textDocument/didOpen", {"textDocument": document})
        return uri

    def _call(self, method: str, params: object) -> Any:
        self._number += 1
        number = self._number
        self._send({"id": number, "method": method, "params": params})
        while True:
            answer = self._take(self._answers)
            if answer["id"] == number:
                assert "error" not in answer, answer
                return answer["result"]

    def _notify(self, method: str, params: object) -> None:
        self._send({"method": method, "params": params})

    def _take(self, queue: Queue[dict[str, Any]]) -> dict[str, Any]:
        try:
            return queue.get(timeout=_SECONDS)
        except Empty:
            raise AssertionError(f"the language server did not answer in {_SECONDS:.0f} s") from None

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        stream = self._process.stdout
        while header := stream.readline():
            length = int(header.partition(b":")[2]) if header.lower().startswith(b"content-length") else 0
            while stream.readline().strip():
                pass
            self._receive(json.loads(stream.read(length)))

    def _receive(self, message: dict[str, Any]) -> None:
        method = message.get("method")
        if method is None:
            self._answers.put(message)
        elif method == "textDocument/publishDiagnostics":
            self._published.put(message["params"])
        else:
            self.asked.append((method, message.get("params")))
            if "id" in message:
                self._send({"id": message["id"], "result": self._answer_to(method, message.get("params"))})

    def _answer_to(self, method: str, params: Any) -> object:
        if method == "workspace/configuration":
            return [self._settings.get(one.get("section"), {}) for one in params["items"]]
        return None
