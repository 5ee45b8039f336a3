"""Order: what people say is carried in the order in which they said it, although it may arrive in another.

A message waits a moment for those that were said before it. Where one of them has come, it lets that one go first and
stands in the lane again, where the lane's own order holds.
"""

import time
from datetime import timedelta

from dbos import DBOS

from bot.services import Services
from bot.slack.payloads import said_at
from bot.workflows.work import application
from kb.ids import WorkspaceId
from learning import conversations
from learning.conversations import Turn

#: How old a message must be before it is carried: messages said at once arrive within less.
SETTLED = timedelta(milliseconds=150)
#: How long to wait for a message that is being taken.
PATIENCE = timedelta(seconds=5)


def settle(services: Services, turn: Turn) -> None:
    """Wait until what was said before a message has been taken too."""
    age = services.clock() - turn.at
    time.sleep(max(0.0, min(SETTLED - age, SETTLED).total_seconds()))
    services.arrivals.wait(turn.place, PATIENCE)


def is_next(services: Services, workspace: WorkspaceId, channel: str, ts: str) -> bool:
    """Whether the message that the present workflow is about comes next; where not, it stands in the lane again."""
    with services.sessions() as session:
        turn = conversations.message(session, workspace, channel, ts, vault=services.vault)
    if turn is None:
        return True
    settle(services, turn)
    mine = DBOS.get_workflow_status(str(DBOS.workflow_id))
    if mine is None or mine.queue_partition_key is None:
        return True
    waiting = DBOS.list_workflows(
        status="ENQUEUED", queue_name=application(workspace), load_input=False, load_output=False
    )
    same_lane = [one for one in waiting if one.queue_partition_key == mine.queue_partition_key]
    if not any((one.priority or 0) < (mine.priority or 0) for one in same_lane):
        return True
    with services.sessions.begin() as session:
        services.work.enqueue(
            session,
            mine.name,
            f"{mine.workflow_id}:behind",
            workspace,
            channel,
            ts,
            lane=mine.queue_partition_key,
            since=said_at(ts),
        )
    return False
