"""Handing work over: a workflow is enqueued in the same transaction as the change that asks for it.

Either both are committed or neither is, so nothing that was acknowledged can be forgotten. The workflow's id is the
idempotency key: enqueuing the same id again does nothing. Arguments are ids only, because they are stored as they are.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import Protocol

from dbos import DBOSClient, EnqueueOptions
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from kb.clock import Clock, utc_now

#: Pinned: work that an older release began is finished by a newer one. Workflows are changed compatibly, or
#: under a new name.
WORKFLOW_VERSION = "1"
#: DBOS takes priorities up to 2,147,483,647; milliseconds begin anew after 24 days.
LARGEST_PRIORITY = 2**31 - 2


def application(workspace: str) -> str:
    """The name in DBOS's tables under which a workspace's work runs, and of its one queue.

    Each workspace has its own, so that processes with different tokens can share one database.
    """
    return "answerloop-" + re.sub(r"[^a-z0-9]", "-", workspace.lower())


class Work(Protocol):
    """Where use cases hand over what shall be done after their transaction has committed."""

    def enqueue(
        self,
        session: Session,
        workflow: str,
        workflow_id: str,
        workspace: str,
        *ids: str,
        lane: str,
        since: datetime | None = None,
    ) -> None:
        """Ask for `workflow(workspace, *ids)`, once per `workflow_id`, if and when `session` commits.

        Args:
            lane: what is on one lane is done one after the other, in the order in which it was asked for; a
                conversation, a proposal. So no two workflows draw one card at once, and words keep their order.
            since: when what it is about happened, where that is not now: messages arrive in any order.
        """


class DurableWork:
    """`Work` on DBOS, in the same database as everything else."""

    def __init__(self, engine: Engine, clock: Clock = utc_now) -> None:
        self._clock = clock
        self._lock = Lock()
        self._newest = 0
        self._client = DBOSClient(system_database_engine=engine, lazy=True)

    def enqueue(
        self,
        session: Session,
        workflow: str,
        workflow_id: str,
        workspace: str,
        *ids: str,
        lane: str,
        since: datetime | None = None,
        delay: timedelta = timedelta(),
    ) -> None:
        """See `Work.enqueue`.

        Args:
            delay: how long it has to wait first.
        """
        options: EnqueueOptions = {
            "workflow_name": workflow,
            "queue_name": application(workspace),
            "application_name": application(workspace),
            "workflow_id": workflow_id,
            "app_version": WORKFLOW_VERSION,
            "queue_partition_key": lane,
            "priority": self._turn(since),
        }
        if delay:
            options["delay_seconds"] = delay.total_seconds()
        self._client.enqueue_in_transaction(session, options, workspace, *ids)

    def _turn(self, since: datetime | None) -> int:
        """A number that grows with time and from one call to the next; DBOS orders by seconds on SQLite."""
        if since is not None:
            return 1 + int(since.timestamp() * 1000) % LARGEST_PRIORITY
        with self._lock:
            self._newest = max(self._newest + 1, int(self._clock().timestamp() * 1000))
            return 1 + self._newest % LARGEST_PRIORITY


#: A workflow's body: takes ids, returns nothing, reads all else from the database.
Body = Callable[..., None]
