"""The services that the composition root builds and everything else is given."""

from dataclasses import dataclass, field

from sqlalchemy import Engine

from bot.agent import Agent
from bot.arms import Arms
from bot.arrivals import Arrivals
from bot.settings import Settings
from bot.slack.connection import Client
from bot.slack.delivery import Delivery
from bot.slack.identity import Identity
from bot.telemetry import Observer, nobody
from bot.workflows.work import Work
from kb.clock import Clock
from kb.database import Sessions
from kb.ids import IdSource
from kb.knowledge import KnowledgeBase
from learning.calibration import Calibrator
from learning.encryption import Vault
from learning.redaction import Redaction


@dataclass(frozen=True)
class Services:
    """What a use case may use."""

    settings: Settings
    clock: Clock
    ids: IdSource
    engine: Engine
    sessions: Sessions
    #: Seals and opens the text of messages.
    vault: Vault
    #: How texts are redacted before they are stored.
    redaction: Redaction
    knowledge: KnowledgeBase
    agent: Agent
    #: Which conversations are in which arm of which experiment.
    arms: Arms
    #: Keeps ranking, confidence and thresholds in step with what people have shown.
    calibrator: Calibrator
    #: Hands work over, with the transaction.
    work: Work
    client: Client
    identity: Identity
    delivery: Delivery
    #: What is being taken at this moment.
    arrivals: Arrivals = field(default_factory=Arrivals)
    #: Is shown every decision once it is recorded.
    observe: Observer = nobody
