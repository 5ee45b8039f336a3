"""Later: work that could not be done because something was away is asked for again, until a day has passed.

Slack may be away for an hour. A worker does not wait for it that long: the workflow ends, and the same work stands in
the queue again under the next id. What it did already is found by the keys of its effects.
"""

import logging
from datetime import timedelta

from dbos import DBOS
from sqlalchemy import Engine

from bot.logs import cause
from bot.workflows.steps import StepAway, StepFailed, step
from bot.workflows.work import Body, DurableWork
from kb.database import make_sessions

log = logging.getLogger(__name__)

#: How long each further run waits.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 4, 15, 40, 60, 120, 240, 480, 480))
#: Between a workflow's id and the number of its run, from the second one on.
RUN = "~"


def resuming(engine: Engine, name: str, body: Body) -> Body:
    """`body` as a workflow that is asked for again where something was away, and keeps no error's words."""
    work, sessions = DurableWork(engine), make_sessions(engine)

    def run(workspace: str, *ids: str) -> None:
        try:
            body(workspace, *ids)
        except StepAway:
            step("ask again", ask_again, workspace, ids)
            raise
        except StepFailed:
            raise
        except Exception as error:
            log.error("workflow %s failed: %s", name, cause(error))
            raise StepFailed(f"{name}: {type(error).__name__}") from None

    def ask_again(workspace: str, ids: tuple[str, ...]) -> None:
        workflow_id = str(DBOS.workflow_id)
        first, _, count = workflow_id.partition(RUN)
        runs = int(count or "1")
        status = DBOS.get_workflow_status(workflow_id)
        lane = status.queue_partition_key if status is not None else None
        if runs > len(PAUSES) or lane is None:
            log.error("%s is given up after %d runs: %s", name, runs, first)
            return
        with sessions.begin() as session:
            work.enqueue(session, name, f"{first}{RUN}{runs + 1}", workspace, *ids, lane=lane, delay=PAUSES[runs - 1])

    return run
