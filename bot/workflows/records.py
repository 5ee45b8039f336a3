"""Records get their places in the chain: a few at a time, behind everything that answers people."""

import logging

from bot.services import Services
from bot.workflows.steps import step
from kb.ids import WorkspaceId
from learning import recorder

log = logging.getLogger(__name__)


def seal(services: Services, workspace: WorkspaceId, *, everything: bool = False) -> None:
    """Seal every record that waits.

    Args:
        everything: look for them among all records, and write the chain's head into the log: kept there, it shows
            where a chain was cut off.
    """
    step("seal", _seal, services, workspace, everything)


def _seal(services: Services, workspace: WorkspaceId, everything: bool) -> int:
    sealed, more = 0, recorder.BATCH
    while more == recorder.BATCH:
        with services.sessions.begin() as session:
            more = recorder.seal(session, workspace, now=services.clock(), everything=everything)
        sealed += more
    if everything:
        with services.sessions() as session:
            head = recorder.head(session, workspace)
        log.info("records of %s: %d sealed, head %d:%s", workspace, sealed, head.seq, head.hash)
    return sealed
