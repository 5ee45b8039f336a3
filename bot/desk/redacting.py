"""The redactor of a workspace, as its operator wants it; whatever the bot stores of people's words goes through it."""

from sqlalchemy.orm import Session

from bot.services import Services
from kb.ids import WorkspaceId
from learning.redaction import Redactor, redactor_for


def redactor(services: Services, session: Session, workspace: WorkspaceId) -> Redactor:
    """The redactor of a workspace."""
    return redactor_for(session, workspace, services.vault, now=services.clock(), redaction=services.redaction)
