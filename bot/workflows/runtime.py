"""The runtime: DBOS is set up, the workflows are registered under their names, and it runs until stopped.

DBOS is one per process. Everything a workflow needs comes with its registration, so nothing is built at import.
"""

import os
import socket
from collections.abc import Mapping

from dbos import DBOS, DBOSConfig
from sqlalchemy import Engine

from bot.workflows.work import APPLICATION, QUEUE, WORKFLOW_VERSION, Body

#: Seconds between two looks at the queue: a person waits for what is on it.
POLL_SECONDS = 0.05


def start(engine: Engine, bodies: Mapping[str, Body], *, workers: int, executor: str | None = None) -> None:
    """Begin to run workflows: first what an earlier process of this executor left, then what is enqueued.

    Args:
        engine: the one database; its pool must have room for `workers` and DBOS's own connections.
        bodies: what runs under each workflow name.
        workers: workflows at once in this process.
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
        DBOS.workflow(name=name, max_recovery_attempts=100)(body)
    DBOS.launch()
    DBOS.register_queue(
        QUEUE, worker_concurrency=workers, polling_interval_sec=POLL_SECONDS, on_conflict="always_update"
    )


def stop(*, wait_seconds: int = 10) -> None:
    """Stop taking work and let what runs finish; what does not is taken up at the next start."""
    DBOS.destroy(workflow_completion_timeout_sec=wait_seconds)
