"""Any LangChain agent under the recorder: its model's messages and tool calls become decisions, on every engine."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from langchain.agents import create_agent
from langchain_core.language_models import FakeListLLM
from langchain_core.tools import tool
from learning_world import World

from bot.models import chat_model
from bot.scripted_model import Line, ScriptedModel
from kb.database import Sessions
from learning import LearningLoop, recorder
from learning.callbacks import DecisionRecorder
from learning.conversations import Place
from learning.feedback import Rating, Reason
from learning.recorder import RecordedDecision, Tool

LINES = (
    Line(match="twice", calls=(("balance", {"email": "uma@example.com"}), ("balance", {"email": "sam@example.com"}))),
    Line(match="broken", calls=(("balance", {"email": "broken@example.com"}),)),
    Line(match="owe", calls=(("balance", {"email": "uma@example.com"}),), reply="You owe 5 €, uma@example.com."),
)


@tool
def balance(email: str) -> str:
    """The balance of an account."""
    if email.startswith("broken"):
        raise RuntimeError("secret details")
    return f"{email} owes 5 €"


@dataclass
class Agent:
    """A LangChain agent with a tool, in a place of its own, and the loop that records it."""

    loop: LearningLoop
    world: World
    place: Place
    graph: Any
    recording: DecisionRecorder

    def ask(self, text: str) -> str:
        answer = self.graph.invoke({"messages": [("user", text)]}, config={"callbacks": [self.recording]})
        return str(answer["messages"][-1].content)

    def decisions(self) -> tuple[RecordedDecision, ...]:
        """What was recorded, oldest first."""
        with self.world.sessions() as session:
            found = recorder.newest(session, self.world.workspace, vault=self.world.vault)
        return tuple(reversed(found))


@pytest.fixture(scope="module")
def model() -> Iterator[str]:
    with ScriptedModel(LINES) as url:
        yield url


@pytest.fixture
def agent(sessions: Sessions, model: str) -> Agent:
    world = World(sessions)
    loop = LearningLoop(
        workspace=world.workspace,
        sessions=sessions,
        vault=world.vault,
        knowledge=world.knowledge,  # type: ignore[arg-type]  # nothing is searched here
        clock=lambda: world.now,
    )
    place = Place("agent", uuid4().hex)
    recording = loop.callback(
        place, asker=world.uma, code="7", instructions=3, tags={"prompt": "b"}, prices={"scripted-model": (2, 8)}
    )
    client = chat_model(name="scripted-model", base_url=model, report_usage=True)
    return Agent(loop, world, place, create_agent(client, [balance], system_prompt="Be kind."), recording)


def test_what_its_model_said_and_which_tool_it_called_are_decisions(agent: Agent) -> None:
    assert agent.ask("What do I owe? I am uma@example.com") == "You owe 5 €, uma@example.com."
    asked, called, said = agent.decisions()
    assert [(one.kind, one.decision.rule) for one in (asked, called, said)] == [
        ("model_message", "model"),
        ("tool_call", "balance"),
        ("model_message", "model"),
    ]
    assert {one.decision.parent for one in (asked, called, said)} == {asked.decision.parent} != {None}
    offered = Tool("balance", "The balance of an account.", asked.decision.model.tools[0].arguments)
    assert asked.decision.model.tools == (offered,) and "email" in offered.arguments["properties"]
    [call] = asked.decision.calls
    assert called.decision.calls == (call,) and call.name == "balance"
    assert called.decision.answer == f"{call.arguments['email']} owes 5 €"
    assert asked.decision.model.finish_reason == "tool_calls" and said.decision.model.finish_reason == "stop"
    assert said.decision.turns[0].who == "user" and [turn.who for turn in said.decision.turns] == ["user", "bot"]
    use, versions = said.decision.model, said.decision.versions
    assert use.tokens_in and use.tokens_out
    assert use.cost == pytest.approx((2 * use.tokens_in + 8 * use.tokens_out) / 1_000_000)
    assert (versions.model, versions.code, versions.instructions) == ("scripted-model", "7", 3)
    assert versions.tags == {"prompt": "b"} and len(versions.prompt_hash) == 64
    assert "example.com" not in repr(agent.decisions())


def test_an_agent_that_streams_is_recorded_alike(agent: Agent) -> None:
    for _ in agent.graph.stream({"messages": [("user", "What do I owe?")]}, config={"callbacks": [agent.recording]}):
        pass
    assert [one.kind for one in agent.decisions()] == ["model_message", "tool_call", "model_message"]


def test_several_calls_at_once_are_several_decisions_under_one_run(agent: Agent) -> None:
    agent.ask("twice")
    made = [one for one in agent.decisions() if one.kind == "tool_call"]
    assert len(made) == 2 and made[0].decision.calls != made[1].decision.calls
    run = made[0].decision.parent
    assert run is not None
    with agent.world.sessions() as session:
        under = recorder.under(session, agent.world.workspace, agent.place, run, vault=agent.world.vault)
    assert len(under) == 4


def test_a_tool_that_fails_is_recorded_without_its_words(agent: Agent) -> None:
    with pytest.raises(RuntimeError, match="secret details"):
        agent.ask("broken")
    assert [one.decision.answer for one in agent.decisions() if one.kind == "tool_call"] == ["failed: RuntimeError"]
    assert "secret" not in repr(agent.decisions())


def test_two_runs_are_told_apart(agent: Agent) -> None:
    agent.ask("What do I owe?")
    agent.ask("What do I owe?")
    assert len({one.decision.parent for one in agent.decisions()}) == 2


def test_a_recorder_that_fails_does_not_stop_the_agent(agent: Agent, caplog: pytest.LogCaptureFixture) -> None:
    def failing(decision: object) -> None:
        raise ValueError(f"no room for {decision}")

    agent.recording._keep = failing
    with caplog.at_level(logging.DEBUG):
        assert agent.ask("What do I owe?").startswith("You owe")
    assert "a decision of an agent is not recorded: ValueError" in caplog.text
    assert "no room for" not in caplog.text and "uma@example.com" not in caplog.text


def test_any_decision_takes_feedback(agent: Agent) -> None:
    agent.ask("What do I owe?")
    _, called, _ = agent.decisions()
    agent.loop.vote(called.id, agent.world.sam, Rating.UP)
    agent.loop.explain(called.id, agent.world.tom, Reason.INAPPROPRIATE, "it had no business there")
    assert agent.loop.tally(called.id).up == 1


def test_a_model_that_is_no_chat_model_and_a_tool_by_itself_are_recorded(agent: Agent) -> None:
    config: Any = {"callbacks": [agent.recording]}
    FakeListLLM(responses=["five"]).invoke("how many?", config=config)
    balance.invoke({"email": "tom@example.com"}, config=config)
    plain, called = (one.decision for one in agent.decisions())
    assert (plain.question, plain.answer) == ("how many?", "five")
    assert called.calls[0].name == "balance" and called.parent is None
