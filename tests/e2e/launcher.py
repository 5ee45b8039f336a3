"""Starts bot processes quickly: the imports are done once, and each start is a fork of that.

What is forked has imported modules and built nothing, so that a process is as new as one that has just started.
`python -m tests.e2e.launcher` reads one JSON line per start and answers with the process's id.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any


class Launcher:
    """The process that forks; it is started with the first bot."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def spawn(self, environment: dict[str, str], cwd: Path, log: IO[bytes]) -> "Forked":
        """Start `answerloop serve`."""
        process = self._running()
        assert process.stdin is not None and process.stdout is not None
        request = {"environment": environment, "cwd": str(cwd), "log": log.name}
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        return Forked(int(json.loads(process.stdout.readline())["pid"]))

    def close(self) -> None:
        """End the process; what it forked goes on."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            self._process.wait(timeout=10)
            self._process = None

    def _running(self) -> "subprocess.Popen[str]":
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.e2e.launcher"],
                cwd=Path(__file__).parents[2],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        return self._process


class Forked:
    """A started process, as far as the harness looks at one."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def poll(self) -> int | None:
        """None while it lives."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return -1
        return None

    def send_signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it is gone; `subprocess.TimeoutExpired` where that takes too long."""
        deadline = time.monotonic() + (timeout or 60)
        while self.poll() is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("serve", timeout or 60)
            time.sleep(0.002)
        return -1


def main() -> None:
    import chromadb  # noqa: F401  # imported for those that are forked
    import langchain_openai  # noqa: F401
    import onnxruntime  # noqa: F401

    import bot.assembly
    import bot.cli.app
    import bot.slack.app
    import bot.workflows.registry  # noqa: F401

    # A process that was killed shall be gone, not stand around until somebody asks how it ended.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _serve(json.loads(line))
        print(json.dumps({"pid": pid}), flush=True)


def _serve(request: dict[str, Any]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(request["log"], os.O_WRONLY | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(number, target)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv = ["answerloop", "serve"]
    status = 1
    try:
        from bot.cli import main as cli

        cli()
        status = 0
    except SystemExit as stopped:
        status = stopped.code if isinstance(stopped.code, int) else 1
    finally:
        os._exit(status)


if __name__ == "__main__":
    main()
