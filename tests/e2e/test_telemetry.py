"""`answerloop serve --otel`: a collector gets spans of decisions, and the bot answers whether there is one or not."""

import gzip
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from learning.genai import SCHEMA_URL
from tests.e2e.acts import KNOWN, KNOWN_ANSWER, ask, decisions
from tests.e2e.conftest import free_port, running_bot

pytestmark = pytest.mark.e2e


class Collector(ThreadingHTTPServer):
    """Takes spans over OTLP and keeps them."""

    daemon_threads = True

    def __init__(self) -> None:
        self.requests: list[ExportTraceServiceRequest] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    def spans(self) -> dict[str, dict[str, Any]]:
        """The attributes of every span by its name."""
        return {
            span.name: {one.key: one.value for one in span.attributes}
            for request in self.requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        }


class _Handler(BaseHTTPRequestHandler):
    server: Collector

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        self.server.requests.append(ExportTraceServiceRequest.FromString(body))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()


def exporting(environment: dict[str, str], cwd: Path, log: IO[bytes]) -> "subprocess.Popen[bytes]":
    """As an operator starts it."""
    command = [sys.executable, "-m", "bot.cli", "serve", "--otel"]
    return subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=cwd)


def test_a_collector_gets_the_spans_of_a_decision_and_none_of_its_words(
    knowledge_folder: Path, tmp_path: Path, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{collector.server_port}")
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
    with running_bot(knowledge_folder, tmp_path / "bot", spawn=exporting) as bot:
        uma, channel = bot.person("uma"), bot.channel("traced")
        question, _ = ask(uma, channel, f"@answerloop {KNOWN}", holds=KNOWN_ANSWER)
        [decision] = decisions(bot, question)
        uma.wait_for(lambda: "invoke_agent answerloop" in collector.spans(), otherwise="no span arrived")
    told = collector.spans()["invoke_agent answerloop"]
    assert told["answerloop.decision.id"].string_value == decision["id"]
    assert told["gen_ai.operation.name"].string_value == "invoke_agent"
    assert {"retrieval"} <= set(collector.spans())
    sent = b"".join(one.SerializeToString() for one in collector.requests)
    assert SCHEMA_URL.encode() in sent
    assert b"VPN" not in sent and KNOWN_ANSWER.encode() not in sent


def test_a_collector_that_is_away_keeps_nobody_waiting(
    knowledge_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{free_port()}")
    with running_bot(knowledge_folder, tmp_path / "bot", spawn=exporting) as bot:
        ask(bot.person("uma"), bot.channel("untraced"), f"@answerloop {KNOWN}", holds=KNOWN_ANSWER)
