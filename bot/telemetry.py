"""Telemetry: decisions as OpenTelemetry spans, sent by a thread of its own to wherever the environment says.

The standard variables are OpenTelemetry's own, such as `OTEL_EXPORTER_OTLP_ENDPOINT`. A collector that is away keeps
nobody waiting: what cannot be sent is dropped, and the exporter says so in the log.
"""

import contextlib
import hashlib
import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from bot.errors import Misconfigured
from bot.logs import cause
from learning.genai import SCHEMA_URL, inside, spans
from learning.recorder import RecordedDecision

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import SpanProcessor
    from opentelemetry.trace import TracerProvider

log = logging.getLogger(__name__)

#: Is shown every decision once it is recorded.
Observer = Callable[[RecordedDecision], None]

AGENT = "answerloop"
#: Whose protocol the bot's models speak.
PROVIDER = "openai"


def nobody(found: RecordedDecision) -> None:
    """The observer where nobody observes."""


@contextlib.contextmanager
def exporting() -> Iterator[Observer]:
    """An observer that exports over OTLP for as long as the block lasts; what is left is sent at its end.

    Raises:
        Misconfigured: the exporter is not installed.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise Misconfigured("--otel needs the exporter: pip install 'answerloop[otel]'.") from None
    with observing(BatchSpanProcessor(OTLPSpanExporter())) as observer:
        yield observer


@contextlib.contextmanager
def observing(processor: "SpanProcessor") -> Iterator[Observer]:
    """An observer that gives its spans to a processor, which is shut down at the end."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider

    resource = Resource.create({"service.name": AGENT, "service.version": version("answerloop")}, SCHEMA_URL)
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(processor)
    try:
        yield observer(provider)
    finally:
        provider.shutdown()


def observer(provider: "TracerProvider") -> Observer:
    """An observer that makes spans of decisions; it never raises."""
    from opentelemetry import trace

    tracer = provider.get_tracer(AGENT, version("answerloop"), schema_url=SCHEMA_URL)

    def observe(found: RecordedDecision) -> None:
        try:
            whole, *inner = spans(found, agent=AGENT, provider=PROVIDER)
            started = tracer.start_span(
                whole.name, _run(found), start_time=_nanoseconds(whole.begin), attributes=whole.attributes
            )
            context = trace.set_span_in_context(started)
            for one in inner:
                tracer.start_span(one.name, context, start_time=_nanoseconds(one.begin), attributes=one.attributes).end(
                    _nanoseconds(one.end)
                )
            started.end(_nanoseconds(whole.end))
        except Exception as error:  # the rim: whoever looks on must not cost an answer
            log.error("a decision was not exported: %s", cause(error))

    return observe


def _run(found: RecordedDecision) -> "Context | None":
    """The trace that all decisions of one agent's run share."""
    from opentelemetry import trace

    run = inside(found)
    if run is None:
        return None
    name = hashlib.sha256(run.encode()).digest()
    parent = trace.SpanContext(
        trace_id=int.from_bytes(name[:16]),
        span_id=int.from_bytes(name[16:24]),
        is_remote=True,
        trace_flags=trace.TraceFlags(trace.TraceFlags.SAMPLED),
    )
    return trace.set_span_in_context(trace.NonRecordingSpan(parent))


def _nanoseconds(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000) * 1_000
