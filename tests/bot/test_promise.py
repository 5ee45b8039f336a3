"""The thresholds of the bot's own services follow what people say of its answers, and its promise."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.desk import feedback, promise, replies
from bot.sandbox.client import Workspace
from bot.workflows import calibration
from kb.ids import WorkspaceId
from learning import budgets
from learning.feedback import Rating
from learning.people import Actor
from learning.reporting import Share
from tests.bot.desk_world import WORKSPACE, DeskWorld, desk_world

PROMISED = 0.03
#: As many as the calibrator waits for between two thoughts, and then some.
VOTED = 40


@pytest.fixture(scope="module", params=["C0REVIEW", ""], ids=["a review channel", "none"])
def world(
    knowledge_folder: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[DeskWorld]:
    folder = tmp_path_factory.mktemp("promise") / "data"
    with desk_world(knowledge_folder, folder, review_channel=request.param) as made:
        yield made


def alarms(world: DeskWorld) -> list[str]:
    """What Ada, an admin, was told of the promise: where admins review, or herself where that is nowhere."""
    settings = world.services.settings
    ada = Workspace(settings.slack_base_url.removesuffix("/api/")).person("ada")
    said = ada.messages(settings.review_channel or ada.direct)
    return [one.text for one in said if one.by_app and "are promised" in one.text]


def wordings() -> list[str]:
    """Questions that something known answers."""
    path = Path(__file__).parents[2] / "fixtures" / "paraphrases.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    return [row["text"] for row in rows if row["question"]]


def answered(world: DeskWorld, questions: Sequence[str], hour: int) -> int:
    """How many of the questions are answered alone as things stand; nothing is kept of them."""
    services = world.services
    asked = [world.asked("C0HELP", f"17000{hour:02}{number:03}.000001", one) for number, one in enumerate(questions)]
    return sum(replies.choose(services, WORKSPACE, one, frozenset()).answered for one in asked)


def test_votes_against_answers_make_the_bot_say_less_and_raise_an_alarm(
    world: DeskWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    services, texts = world.services, wordings()
    later = texts[-60:]
    before = answered(world, later, 1)
    assert before > len(later) / 4, "there is something to be said less of"
    given = 0
    for number, text in enumerate(texts[:-60]):
        asked = world.asked("C0HELP", f"1700100{number:03}.000001", text)
        reply = replies.choose(services, WORKSPACE, asked, frozenset())
        decision = replies.keep(services, WORKSPACE, asked, reply)
        if reply.answered:
            person = Actor(world.person(f"U0ASKER{given:03}"))
            feedback.vote(services, WORKSPACE, decision, person, Rating.DOWN, via="button", at=None)
            given += 1
        if given == VOTED:
            break
    assert given == VOTED
    # The workflow's body without DBOS, which keeps its steps. In the second minute nothing is told again.
    monkeypatch.setattr(calibration, "step", lambda name, work, *given: work(*given))
    for minute in ("first", "second"):
        calibration.calibrate(services, WORKSPACE, minute)
    told = alarms(world)
    with services.sessions() as session:
        budget = budgets.current(session, WORKSPACE)
        held = promise.thresholds(session, WORKSPACE, services.settings)
    assert answered(world, later, 2) < before / 2
    assert held == budget.thresholds
    assert budget.wrong.low > PROMISED and "are promised" in budget.alarm
    assert len(told) == 1 and budget.alarm in told[0]


HELD, OVER = Share(0.02, 0.01, 0.04), Share(0.06, 0.05, 0.08)
#: Later than what other tests here were told of, and than what each of these was.
LATER = timedelta(days=10)


@pytest.mark.parametrize(
    ("course", "expected"),
    [
        pytest.param(
            [(0, HELD, ""), (1, HELD, "cannot tell"), (2, HELD, "cannot tell"), (3, OVER, "many"), (4, OVER, "many")],
            ["1 cannot tell", "3 many"],
            id="that it is broken is told where before nobody could tell",
        ),
        pytest.param(
            [(0, OVER, "many"), (5, HELD, ""), (10, OVER, "many"), (20, HELD, "cannot tell"), (30, OVER, "many")],
            ["0 many"],
            id="what comes and goes is told once",
        ),
        pytest.param(
            [(0, OVER, "many"), (23, None, ""), (25, None, ""), (60, None, ""), (61, OVER, "many")],
            ["0 many"],
            id="what stands for days is told once",
        ),
        pytest.param(
            [(0, OVER, "many"), (30, HELD, ""), (32, OVER, "many")],
            ["0 many"],
            id="what stood for long and was away for two hours is told once",
        ),
        pytest.param(
            [(0, OVER, "many"), (1, HELD, ""), (26, OVER, "many")],
            ["0 many", "26 many"],
            id="after a day without it it is told again",
        ),
    ],
)
def test_a_reason_for_alarm_is_told_when_it_is_news(
    world: DeskWorld,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    course: list[tuple[int, Share | None, str]],
    expected: list[str],
) -> None:
    # What the calibrator finds at which hour is scripted, None where nothing is due; what is kept, compared and posted
    # is real.
    with world.services.sessions.begin() as session:
        plain = replace(budgets.current(session, WORKSPACE), wrong=HELD, alarm="")
        begin = max(plain.at, world.services.clock()) + LATER
        budgets.keep(session, WORKSPACE, plain, now=begin - LATER / 2)  # what other tests left is over
    told, now, found = len(alarms(world)), begin, plain

    class Scripted:
        def refresh(self, workspace: WorkspaceId, *, max_wrong: float) -> budgets.Budget:
            with world.services.sessions.begin() as session:
                if found.at == now:
                    budgets.keep(session, workspace, found, now=now)
                return budgets.current(session, workspace)

    monkeypatch.setattr(calibration, "step", lambda name, work, *given: work(*given))
    services = replace(world.services, calibrator=Scripted(), clock=lambda: now)
    for hour, wrong, alarm in course:
        now = begin + timedelta(hours=hour)
        if wrong is not None:
            text = alarm and f"{hour} {alarm}: 3 % are promised"
            found = replace(plain, at=now, asked=900, max_wrong=PROMISED, wrong=wrong, alarm=text)
        calibration.calibrate(services, WORKSPACE, f"{request.node.name} {hour}")
    said = alarms(world)[told:]
    assert len(said) == len(expected)
    assert all(one in text for one, text in zip(expected, said, strict=True))
