"""The runtime: DBOS is set up, the workflows are registered under their names, and it runs until the block ends.

DBOS is one per process. Everything a workflow needs comes with its registration, so nothing is built at import.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from dbos import DBOS, DBOSConfig
from sqlalchemy import Engine

from bot.workflows.executors import Presence, place
from bot.workflows.later import resuming
from bot.workflows.work import WORKFLOW_VERSION, Body, application
from kb.clock import utc_now
from kb.database import make_sessions
from kb.ids import WorkspaceId

#: Seconds between two looks at the queue: a person waits for what is on it.
POLL_SECONDS = 0.05
#: Threads besides the workers': DBOS runs recovery and schedules in the same pool.
SPARE_THREADS = 8
#: Seconds in which running work may end when the process is asked to stop; the rest is taken up at the next start.
STOP_SECONDS = 10


@dataclass(frozen=True)
class Schedule:
    """Work that is due again and again."""

    name: str
    #: A cron line, in UTC.
    cron: str
    #: Takes the moment it was due and the context.
    body: Callable[[datetime, Any], None]
    #: Kept with the schedule and given to the body; ids only.
    context: Any
    #: Whether what was missed while nothing ran is made up for; otherwise the next time does for all.
    makes_up: bool = True


@contextmanager
def running(
    engine: Engine,
    workspace: WorkspaceId,
    bodies: Mapping[str, Body],
    *,
    folder: Path,
    workers: int,
    takeover: timedelta,
    schedules: tuple[Schedule, ...] = (),
) -> Iterator[None]:
    """Run workflows: first what an earlier process in this place left, then what is enqueued.

    Args:
        engine: the one database; its pool must have room for `workers` and DBOS's own connections.
        bodies: what runs under each workflow name.
        folder: where the places of processes are kept.
        workers: workflows at once in this process.
        takeover: how long another process may be silent before its work is taken over.
        schedules: what is due again and again.
    """
    presence = Presence(make_sessions(engine), utc_now, workspace, dead_after=takeover)
    with place(folder, presence.arrive) as executor:
        _start(engine, application(workspace), bodies, executor, workers, schedules)
        presence.watch(executor, lambda dead: take_over(workspace, dead))
        try:
            yield
        finally:
            DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=STOP_SECONDS)
            presence.leave(executor)


def _start(
    engine: Engine,
    name: str,
    bodies: Mapping[str, Body],
    executor: str,
    workers: int,
    schedules: tuple[Schedule, ...],
) -> None:
    url = engine.url.render_as_string(hide_password=False)
    # DBOS creates its tables with transactions of its own, which an engine that begins immediately would nest.
    DBOS.migrate(url.replace("postgresql+psycopg://", "postgresql://"))
    config: DBOSConfig = {
        "name": name,
        "system_database_engine": engine,
        "application_version": WORKFLOW_VERSION,
        "executor_id": executor,
        "run_migrations": False,
        "log_level": "WARNING",
        "max_executor_threads": workers + SPARE_THREADS,
    }
    os.environ.pop("DBOS__APPVERSION", None)
    DBOS(config=config)
    for workflow, body in bodies.items():
        DBOS.workflow(name=workflow, max_recovery_attempts=100)(resuming(engine, workflow, body))
    due = {one.name: DBOS.workflow(name=one.name)(one.body) for one in schedules}
    DBOS.launch()
    DBOS.register_queue(
        name,
        worker_concurrency=workers,
        partition_concurrency=1,
        polling_interval_sec=POLL_SECONDS,
        on_conflict="always_update",
    )
    DBOS.apply_schedules(
        [
            {
                "schedule_name": f"{one.name}-{name}",
                "workflow_fn": due[one.name],
                "schedule": one.cron,
                "context": one.context,
                "automatic_backfill": one.makes_up,
                "cron_timezone": None,
                "queue_name": None,
            }
            for one in schedules
        ]
    )


def take_over(workspace: WorkspaceId, dead: str) -> None:
    """Put everything that an executor had begun back into the queue; its finished steps are not done again."""
    name = application(workspace)
    left = DBOS.list_workflows(status="PENDING", executor_id=dead, application_name=name, load_input=False)
    for workflow in left:
        # What is on no lane was begun by a schedule and goes back where DBOS keeps such work.
        DBOS.resume_workflow(workflow.workflow_id, queue_name=name if workflow.queue_partition_key else None)
