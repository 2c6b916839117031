"""A client for the YAML language server that editors use, over its standard input and output."""

from __future__ import annotations

import json
import queue
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[1] / "editors"
SERVER = FOLDER / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
LIMIT_S = 60.0


def needs_server() -> None:
    """Skips the test, with the reason, where the server can't run."""
    if not shutil.which("node"):
        pytest.skip("node is not installed: no YAML language server to ask")
    if not SERVER.exists():
        pytest.skip("the YAML language server is not installed: run npm ci --prefix tests/editors")


class LanguageServer:
    """One server with one document open at a time; use as a context manager."""

    def __init__(self, root: Path) -> None:
        self._process = subprocess.Popen(
            ["node", str(SERVER), "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._number = 0
        self._said: queue.Queue[dict[str, Any]] = queue.Queue()
        self._diagnostics: dict[str, list[Any]] = {}
        threading.Thread(target=self._listen, daemon=True).start()
        formats = ["markdown", "plaintext"]
        self.ask(
            "initialize",
            {
                "processId": None,
                "rootUri": root.as_uri(),
                "capabilities": {
                    "textDocument": {
                        "completion": {"completionItem": {"documentationFormat": formats, "snippetSupport": True}},
                        "hover": {"contentFormat": formats},
                        "publishDiagnostics": {},
                    },
                    "workspace": {"configuration": True},
                },
            },
        )
        self._send("initialized", {})

    def __enter__(self) -> LanguageServer:
        return self

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.communicate()

    def open(self, path: Path, text: str) -> list[Any]:
        """Opens a document as an editor does; returns what the server finds wrong in it."""
        uri = path.as_uri()
        self._diagnostics.pop(uri, None)
        self._number += 1
        what = {"uri": uri, "languageId": "yaml", "version": self._number, "text": text}
        self._send("textDocument/didOpen", {"textDocument": what})
        while uri not in self._diagnostics:
            self._hear()
        return self._diagnostics[uri]

    def complete(self, path: Path, text: str) -> list[dict[str, Any]]:
        """What is offered where `|` stands in the text."""
        return list((self._at("textDocument/completion", path, text) or {"items": []})["items"])

    def hover(self, path: Path, text: str) -> str:
        """What is shown under the mouse where `|` stands in the text."""
        found = self._at("textDocument/hover", path, text)
        return str(found["contents"]["value"]) if found else ""

    def _at(self, method: str, path: Path, text: str) -> Any:
        before, _, after = text.partition("|")
        self.open(path, before + after)
        place = {"line": before.count("\n"), "character": len(before) - before.rfind("\n") - 1}
        return self.ask(method, {"textDocument": {"uri": path.as_uri()}, "position": place})

    def ask(self, method: str, params: Any) -> Any:
        """The server's answer to a request."""
        self._number += 1
        number = self._number
        self._send(method, params, number)
        while True:
            said = self._hear()
            if said.get("id") == number and "method" not in said:
                assert "error" not in said, said
                return said["result"]

    def _hear(self) -> dict[str, Any]:
        """The next message; what the server asks of an editor is answered."""
        said = self._said.get(timeout=LIMIT_S)
        method = said.get("method")
        if method == "textDocument/publishDiagnostics":
            self._diagnostics[said["params"]["uri"]] = said["params"]["diagnostics"]
        elif method == "workspace/configuration":
            given = {"yaml": {"schemaStore": {"enable": False}, "hover": True, "completion": True, "validate": True}}
            result = [given.get(i.get("section"), {}) for i in said["params"]["items"]]
            self._write({"jsonrpc": "2.0", "id": said["id"], "result": result})
        elif method and "id" in said:
            self._write({"jsonrpc": "2.0", "id": said["id"], "result": None})
        return said

    def _send(self, method: str, params: Any, number: int | None = None) -> None:
        self._write({"jsonrpc": "2.0", "method": method, "params": params} | ({"id": number} if number else {}))

    def _write(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        body = json.dumps(message).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()

    def _listen(self) -> None:
        out = self._process.stdout
        assert out is not None
        while line := out.readline():
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
                while out.readline().strip():
                    pass
                self._said.put(json.loads(out.read(length)))
