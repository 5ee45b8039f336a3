"""The runtime: DBOS is set up, the workflows are registered under their names, and it runs until stopped.

DBOS is one per process. Everything a workflow needs comes with its registration, so nothing is built at import.
"""

import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dbos import DBOS, DBOSConfig
from sqlalchemy import Engine

from bot.workflows.later import resuming
from bot.workflows.work import APPLICATION, QUEUE, WORKFLOW_VERSION, Body

#: Seconds between two looks at the queue: a person waits for what is on it.
POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Schedule:
    """Work that is due again and again; what was missed while nothing ran is made up for."""

    name: str
    #: A cron line, in UTC.
    cron: str
    #: Takes the moment it was due and the context.
    body: Callable[[datetime, Any], None]
    #: Kept with the schedule and given to the body; ids only.
    context: Any


def start(
    engine: Engine,
    bodies: Mapping[str, Body],
    *,
    workers: int,
    schedules: tuple[Schedule, ...] = (),
    executor: str | None = None,
) -> None:
    """Begin to run workflows: first what an earlier process of this executor left, then what is enqueued.

    Args:
        engine: the one database; its pool must have room for `workers` and DBOS's own connections.
        bodies: what runs under each workflow name.
        workers: workflows at once in this process.
        schedules: what is due again and again.
        executor: unique and stable for this process's place; two live ones must never share it.
    """
    url = engine.url.render_as_string(hide_password=False)
    # DBOS creates its tables with transactions of its own, which an engine that begins immediately would nest.
    DBOS.migrate(url.replace("postgresql+psycopg://", "postgresql://"))
    config: DBOSConfig = {
        "name": APPLICATION,
        "system_database_engine": engine,
        "application_version": WORKFLOW_VERSION,
        "executor_id": executor or socket.gethostname(),
        "run_migrations": False,
        "log_level": "WARNING",
        "max_executor_threads": workers + 8,
    }
    os.environ.pop("DBOS__APPVERSION", None)
    DBOS(config=config)
    for name, body in bodies.items():
        DBOS.workflow(name=name, max_recovery_attempts=100)(resuming(engine, name, body))
    due = {one.name: DBOS.workflow(name=one.name)(one.body) for one in schedules}
    DBOS.launch()
    DBOS.register_queue(
        QUEUE,
        worker_concurrency=workers,
        partition_concurrency=1,
        polling_interval_sec=POLL_SECONDS,
        on_conflict="always_update",
    )
    DBOS.apply_schedules(
        [
            {
                "schedule_name": one.name,
                "workflow_fn": due[one.name],
                "schedule": one.cron,
                "context": one.context,
                "automatic_backfill": True,
                "cron_timezone": None,
                "queue_name": None,
            }
            for one in schedules
        ]
    )


def stop(*, wait_seconds: int = 10) -> None:
    """Stop taking work and let what runs finish; what does not is taken up at the next start."""
    DBOS.destroy(workflow_completion_timeout_sec=wait_seconds)
