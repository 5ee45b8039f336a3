"""The owner of the embedded index answers other commands over a local socket.

While `serve` or `demo` runs, only that process may open the index. `ask` and `kb verify` put their question to it;
what they ask for is named here and nothing else is understood. One JSON line in, one JSON line out. The socket is in a
folder that only this user can enter.
"""

import contextlib
import hashlib
import json
import os
import socket
import socketserver
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from threading import Thread
from typing import Any

from bot.errors import BotError, NotReachable

#: What the owner does for others: name → function of JSON arguments to a JSON result.
Requests = Mapping[str, Callable[[dict[str, Any]], Any]]

#: Longest line that is read; a question is at most 40,000 characters.
LINE_BYTES = 1_000_000


def socket_path(data_dir: Path) -> Path:
    """Where the owner of `data_dir` listens. Socket paths must be short, data folders need not be."""
    name = hashlib.sha256(str(data_dir.resolve()).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"answerloop-{os.getuid()}" / f"{name}.sock"


@contextlib.contextmanager
def listen(data_dir: Path, requests: Requests) -> Iterator[None]:
    """Answer other commands' requests until the block ends."""
    path = socket_path(data_dir)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    found = path.parent.lstat()
    if found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise BotError(f"The folder {path.parent} is open to others; remove it and start again.")
    path.unlink(missing_ok=True)

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            line = self.rfile.readline(LINE_BYTES)
            self.wfile.write(json.dumps(_answer(line, requests)).encode() + b"\n")

    with socketserver.ThreadingUnixStreamServer(str(path), Handler) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, name="owner", daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            path.unlink(missing_ok=True)


def ask(data_dir: Path, request: str, arguments: dict[str, Any], *, timeout: float = 60) -> Any:
    """Put a request to the owner of `data_dir`.

    Raises:
        NotReachable: nobody listens.
        BotError: the owner could not do it; the message is the owner's.
    """
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(timeout)
            connection.connect(str(socket_path(data_dir)))
            connection.sendall(json.dumps({"request": request, "arguments": arguments}).encode() + b"\n")
            answer = json.loads(connection.makefile("rb").readline(LINE_BYTES * 10))
    except (OSError, ValueError) as error:
        raise NotReachable(f"The process that holds the index does not answer ({type(error).__name__}).") from None
    if "error" in answer:
        raise BotError(str(answer["error"]))
    return answer["result"]


def _answer(line: bytes, requests: Requests) -> dict[str, Any]:
    try:
        wanted = json.loads(line)
        work, arguments = requests[wanted["request"]], dict(wanted["arguments"])
    except (ValueError, KeyError, TypeError):
        return {"error": "This request is not understood; is the running process of another version?"}
    try:
        return {"result": work(arguments)}
    except Exception as error:  # the asking process shows it; this one must go on
        return {"error": str(error)}
