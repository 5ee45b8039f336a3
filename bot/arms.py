"""Arms: which arm of every experiment a conversation is in, what its records are tagged with, and who answers it.

Always: the arm follows from the conversation's id alone, so that a conversation is answered by one model from its
beginning to its end, whichever process answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bot.agent import Agent
from learning.cohorts import Experiment, arms
from learning.ids import ConversationId

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


@dataclass(frozen=True)
class Arms:
    """The experiments that run, and what the operator tagged by hand."""

    experiments: tuple[Experiment, ...] = ()
    #: On every record.
    tags: Mapping[str, str] = field(default_factory=dict)
    #: Of an experiment's arm the model that answers in it; an arm that is not named here is answered as usual.
    models: Mapping[tuple[str, str], "BaseChatModel"] = field(default_factory=dict)

    def tags_of(self, conversation: ConversationId) -> dict[str, str]:
        """What the records of a conversation are tagged with: experiment to arm, and what was tagged by hand."""
        return {**self.tags, **arms(self.experiments, conversation)}

    def agent_for(self, agent: Agent, conversation: ConversationId) -> Agent:
        """The agent that answers a conversation."""
        here = arms(self.experiments, conversation).items()
        model = next((self.models[arm] for arm in here if arm in self.models), None)
        return agent if model is None else replace(agent, model=model)
