"""An experiment's arm decides who answers a conversation, and is on every record of it."""

from langchain_core.language_models import FakeListChatModel

from bot.agent import Agent
from bot.arms import Arms
from learning.cohorts import Experiment
from learning.ids import ConversationId

CONVERSATIONS = [ConversationId(f"01K{number}") for number in range(200)]
USUAL, NEXT = FakeListChatModel(responses=["usual"]), FakeListChatModel(responses=["next"])


def test_an_arm_with_a_model_of_its_own_is_answered_by_it_and_others_as_usual() -> None:
    running = Arms((Experiment("writer", {"now": 1, "next": 1}),), models={("writer", "next"): NEXT})
    agent = Agent(model=USUAL)
    seen = {(running.tags_of(one)["writer"], id(running.agent_for(agent, one).model)) for one in CONVERSATIONS}
    assert seen == {("now", id(USUAL)), ("next", id(NEXT))}


def test_records_are_tagged_with_the_arm_and_by_hand() -> None:
    running = Arms((Experiment("tone", {"warm": 1, "plain": 1}),), {"release": "summer"})
    tags = [running.tags_of(one) for one in CONVERSATIONS]
    assert {one["tone"] for one in tags} == {"warm", "plain"}
    assert {one["release"] for one in tags} == {"summer"}
    assert tags == [running.tags_of(one) for one in CONVERSATIONS]


def test_without_experiments_nothing_changes() -> None:
    agent = Agent()
    assert Arms().tags_of(CONVERSATIONS[0]) == {} and Arms().agent_for(agent, CONVERSATIONS[0]) is agent
