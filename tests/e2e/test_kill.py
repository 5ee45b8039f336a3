"""kill -9 over the whole path: the bot is killed again and again while people go on; nothing is lost, nothing twice.

What a person sees of it: an event that was not acknowledged comes again by itself. A click that was not acknowledged
does not: Slack tells the person that it did not work, they look, and press again. So do the people here, and whatever
they press twice must happen once.
"""

import contextlib
import math
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from bot.agent.gate import NO_ANSWER
from bot.sandbox.client import NothingCalled, OpenView, Person, SandboxError, Shown
from bot.scripted_model import Line, ScriptedModel
from tests.e2e.acts import KNOWN, KNOWN_ANSWER, rows
from tests.e2e.conftest import Bot, by_app, labels, running_bot

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

KILLS = int(os.environ.get("ANSWERLOOP_TEST_KILLS", "20"))
SEED = int(os.environ.get("ANSWERLOOP_TEST_SEED", random.SystemRandom().randrange(10**6)))
#: Calls at which the process is killed as soon as one is seen; the other kills come at any moment.
MOMENTS = ("chat.postMessage", "chat.startStream", "chat.appendStream", "chat.stopStream", "chat.update", "views.open")
#: Seconds in which something must have come about, however often the bot was killed meanwhile.
PATIENCE = 60.0
#: Seconds of killing after which the bot is left alone until those who wait have what they wait for: the slower a
#: machine, the longer it takes to start again, and twenty kills in a row can last longer than anybody waits.
SPELL = PATIENCE / 2
#: Seconds after which somebody who was told that it did not work, or sees nothing happen, presses again.
AGAIN = 3.0

#: A question that a model answers from documents, slowly, and words that only its answer holds.
WRITTEN, WRITTEN_ANSWER = "What do the rules say on hotels and meals abroad?", "Inland: €14"
#: Questions that nothing is known of, what staff answer, and a word that is only in that answer.
STORIES = (
    ("Which trailer may be towed by the blue tractor?", "Only the two-wheeled Ottenburg trailer.", "Ottenburg"),
    ("Who waters the cactus on the roof?", "Nobody does, it lives on the fog of Kerbel Bay.", "Kerbel"),
    ("How loud may bagpipes be in the yard?", "Seventy decibels, says the Plauen ordinance.", "Plauen"),
    ("When does the chess club play?", "On Thursdays at six, in the Zwickau room.", "Zwickau"),
)
#: A question in private, and how many words are carried each way.
PRIVATE, WORDS = "Is my parrot insured on the ferry?", 8
SCRIPT = (
    Line(match="trailer|cactus|bagpipe|chess|parrot", reply=NO_ANSWER),
    Line(word_delay=timedelta(milliseconds=25)),
)

T = TypeVar("T")


@dataclass
class Scene:
    """What people did, to be checked when it is quiet again."""

    bot: Bot
    done: threading.Event = field(default_factory=threading.Event)
    #: Questions by what the one answer must hold.
    questions: list[tuple[Person, Shown, str]] = field(default_factory=list)
    #: Who gave which answer a thumbs-up.
    votes: list[tuple[Person, Shown]] = field(default_factory=list)
    #: Questions that went through people's hands, with the staff's answer and its word.
    stories: list[tuple[Person, Shown, str]] = field(default_factory=list)
    #: Both ends of conversations that the bot carries: who wrote where, in what thread it must arrive, once.
    carried: list[tuple[Person, Shown, str]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    #: Sam has one screen, and one form on it at a time.
    at_the_desk: threading.Lock = field(default_factory=threading.Lock)


@pytest.fixture(scope="module")
def scene(knowledge_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The bot with a model that writes slowly, lived with while it was killed; everything is quiet again."""
    print(f"\nkills: {KILLS}, seed: {SEED} (ANSWERLOOP_TEST_SEED={SEED} plays the same kills again)")
    folder = tmp_path_factory.mktemp("kill")
    with (
        ScriptedModel(SCRIPT) as model,
        running_bot(knowledge_folder, folder, model_base_url=model, model_api_key="none") as bot,
    ):
        scene = Scene(bot)
        people = [
            *(threading.Thread(target=_live, args=(scene, number, _ask_on)) for number in range(3)),
            *(threading.Thread(target=_live, args=(scene, number, _story)) for number in range(len(STORIES))),
            threading.Thread(target=_live, args=(scene, 0, _relayed)),
        ]
        for one in people:
            one.start()
        _kill(scene)
        scene.done.set()
        for one in people:
            one.join(timeout=3 * PATIENCE)
        _settle(scene)
        yield scene


def test_nothing_stood_in_the_way_of_anybody(scene: Scene) -> None:
    assert not scene.errors, f"seed {SEED}:\n" + "\n\n".join(scene.errors)
    assert len(scene.stories) == len(STORIES)
    assert len(scene.questions) >= KILLS, "too little was asked to mean anything"
    assert scene.votes


def test_every_question_has_exactly_one_answer(scene: Scene) -> None:
    wrong = []
    for person, question, holds in scene.questions:
        # A thumb under a written answer proposes it, which shows in the thread too.
        said = [one for one in by_app(person.thread(question)) if "New answer" not in one.text]
        if len(said) != 1 or holds not in said[0].text or said[0].raw.get("streaming_state") == "in_progress":
            wrong.append(f"{question.text!r}: {[one.text[:80] for one in said]}")
    assert not wrong, f"seed {SEED}, {len(wrong)} of {len(scene.questions)}:\n" + "\n".join(wrong)


def test_every_question_of_the_slash_command_that_stands_has_exactly_one_answer(scene: Scene) -> None:
    """Who was told that it did not work asks again; what stands there is answered all the same."""
    answers = []
    for name in ("uma", "ann", "sam"):
        person = scene.bot.person(name)
        for asked in by_app(person.messages(person.direct)):
            if asked.text.startswith("You asked: "):
                said = by_app(person.thread(asked))[1:]
                answers.append([KNOWN_ANSWER in one.text for one in said])
    assert len(answers) >= 3, f"seed {SEED}: too little was asked to mean anything"
    assert answers == [[True]] * len(answers), f"seed {SEED}"


def test_every_handoff_was_told_shown_and_resolved_once(scene: Scene) -> None:
    cards = Counter(one.text for one in by_app(scene.bot.person("sam").messages("C0SUPPORT")))
    for person, question, word in scene.stories:
        said = [one.text for one in by_app(person.thread(question))]
        for part in ("I've asked a colleague", "is looking into this", word, "Glad that solved it", "pproved by"):
            assert sum(part in text for text in said) == 1, f"seed {SEED}: not once {part!r} in {said}"
    asked = [question.text.removeprefix("<@U0BOT> ") for _, question, _ in scene.stories]
    for text in asked:
        shown = [card for card in cards.elements() if text in card]
        assert len(shown) == 1, f"seed {SEED}: {len(shown)} cards for {text!r}"
    states = rows(scene.bot, "select state, count(*) as n from handoffs group by state order by state")
    assert states == [{"state": "claimed", "n": 1}, {"state": "resolved", "n": len(STORIES)}]


def test_every_word_is_carried_once(scene: Scene) -> None:
    assert len(scene.carried) == 2 * WORDS
    for reader, thread, word in scene.carried:
        arrived = [one.text for one in by_app(reader.thread(thread)) if word in one.text]
        assert len(arrived) == 1, f"seed {SEED}: {word!r} arrived {len(arrived)} times"


def test_every_approval_made_one_version_and_one_card(scene: Scene) -> None:
    cards = [one.text for one in by_app(scene.bot.person("ada").messages("C0REVIEW"))]
    for _, question, word in scene.stories:
        shown = [card for card in cards if word in card or question.text.removeprefix("<@U0BOT> ") in card]
        assert len(shown) == 1, f"seed {SEED}: {shown}"
        assert "approved by" in shown[0].lower()
        made = rows(scene.bot, "select entry_id, version from entry_versions where content like ?", f"%{word}%")
        assert len(made) == 1, f"seed {SEED}: {word} was published {len(made)} times"
    decided = rows(scene.bot, "select state, count(*) as n from proposals where origin = 'resolution' group by state")
    assert decided == [{"state": "approved", "n": len(STORIES)}]


def test_every_thumb_counts_once(scene: Scene) -> None:
    for table in ("votes", "vote_changes"):
        counted = rows(scene.bot, f"select count(*) as n from {table}")
        assert counted == [{"n": len(scene.votes)}], f"seed {SEED}: {table}"


def test_nothing_is_left_undone(scene: Scene) -> None:
    work = rows(scene.bot, "select name, status, workflow_uuid from workflow_status where status != 'SUCCESS'")
    assert not work, f"seed {SEED}: {work}"
    effects = rows(scene.bot, "select key, kind, state from effects where state != 'done'")
    assert not effects, f"seed {SEED}: {effects}"


# --- what people do ---


def _live(scene: Scene, number: int, act: Callable[[Scene, int], None]) -> None:
    try:
        act(scene, number)
    except Exception as error:
        scene.errors.append(f"{act.__name__} {number}: {type(error).__name__}: {error}")


def _ask_on(scene: Scene, number: int) -> None:
    """Ask one question after the other, here and there, and now and then thank for an answer with a thumb."""
    chance = random.Random(SEED * 10 + number)
    person = scene.bot.person(("uma", "ann", "sam")[number])
    channel = scene.bot.channel(f"kill-{number}")
    asked = 0
    while not scene.done.is_set() or asked < KILLS // 2:
        if chance.random() < 0.3:
            with contextlib.suppress(SandboxError):  # told that it did not work
                person.command(channel, "/kb", f"ask {KNOWN}")
        text, holds = chance.choice(((KNOWN, KNOWN_ANSWER), (WRITTEN, WRITTEN_ANSWER)))
        direct = chance.random() < 0.4
        question = person.say(person.direct, text) if direct else person.say(channel, f"@answerloop {text}")
        scene.questions.append((person, question, holds))
        asked += 1
        if chance.random() < 0.3:
            continue  # another question before the first is answered
        answer = person.wait_for_message(
            question,
            lambda one, holds=holds: one.by_app and holds in one.text and "Helpful" in labels(one),
            seconds=PATIENCE,
        )
        if chance.random() < 0.4 and not direct:
            _thank(scene, person, answer)


def _thank(scene: Scene, person: Person, answer: Shown) -> None:
    _insist(lambda: person.click(person.again(answer), "Helpful"), lambda: _voted(scene, person, answer))
    scene.votes.append((person, answer))


def _story(scene: Scene, number: int) -> None:
    """One question through people's hands: not known, handed over, claimed, resolved, approved."""
    text, answer, word = STORIES[number]
    bot = scene.bot
    uma, sam, ada = bot.person("uma"), bot.person("sam"), bot.person("ada")
    time.sleep(number * KILLS / 10)
    question = uma.say(bot.channel(f"story-{number}"), f"@answerloop {text}")
    card = uma.wait_for_message(question, lambda one: one.by_app and "Get a human" in labels(one), seconds=PATIENCE)
    asked = _insist(
        lambda: uma.click(uma.again(card), "Get a human"), lambda: _said(uma, question, "I've asked a colleague")
    )
    room = sam.wait_for_message("C0SUPPORT", lambda one: one.by_app and text in one.text, seconds=PATIENCE)
    _insist(lambda: sam.click(sam.again(room), "Claim"), lambda: _said(uma, question, "is looking into this"))
    sam.say(question.channel, answer, thread=asked)
    with scene.at_the_desk:
        form = _insist(lambda: sam.click(sam.again(room), "Resolve"), lambda: _form(sam, "resolve_form", text))
        solved = _insist(
            lambda: sam.submit(form, {"answer": answer}), lambda: _said(uma, question, "Did that solve it?")
        )
    _insist(lambda: uma.click(uma.again(solved), "Yes, solved"), lambda: _said(uma, question, "Glad that solved it"))
    proposal = ada.wait_for_message(
        "C0REVIEW", lambda one: one.by_app and word in one.text and "Approve" in labels(one), seconds=PATIENCE
    )
    _insist(
        lambda: ada.click(ada.again(proposal), "Approve"),
        lambda: _if(ada.again(proposal), lambda one: "approved by" in one.text.lower()),
    )
    scene.stories.append((uma, question, word))


def _relayed(scene: Scene, _: int) -> None:
    """A question in a direct message: the bot carries words between the asker and the staff room."""
    uma, sam = scene.bot.person("uma"), scene.bot.person("sam")
    question = uma.say(uma.direct, PRIVATE)
    card = uma.wait_for_message(question, lambda one: one.by_app and "Get a human" in labels(one), seconds=PATIENCE)
    _insist(lambda: uma.click(uma.again(card), "Get a human"), lambda: _said(uma, question, "I've asked a colleague"))
    room = sam.wait_for_message("C0SUPPORT", lambda one: one.by_app and PRIVATE in one.text, seconds=PATIENCE)
    _insist(lambda: sam.click(sam.again(room), "Claim"), lambda: _said(uma, question, "is looking into this"))
    for number in range(WORDS):
        for writer, here, reader, there, word in (
            (sam, room, uma, question, f"Staff word {number}."),
            (uma, question, sam, room, f"Asker word {number}."),
        ):
            writer.say(here.channel, word, thread=here)
            scene.carried.append((reader, there, word))
            time.sleep(KILLS / 20)


def _insist(do: Callable[[], object], happened: Callable[[], T | None]) -> T:
    """Do it; where the client says that it did not work, or nothing comes of it, look and do it again."""
    deadline = time.monotonic() + PATIENCE
    why = "nothing came of it"
    while time.monotonic() < deadline:
        try:
            do()
        except NothingCalled:
            pass  # the button is gone: it has happened, and shows in a moment
        except SandboxError as error:
            why = str(error)
        look_until = time.monotonic() + AGAIN
        while time.monotonic() < look_until:
            if (found := happened()) is not None:
                return found
            time.sleep(0.1)
    raise SandboxError(f"in spite of pressing it for {PATIENCE:g} s: {why}")


def _said(person: Person, question: Shown, part: str) -> Shown | None:
    return next((one for one in by_app(person.thread(question)) if part in one.text), None)


def _form(person: Person, callback: str, about: str) -> OpenView | None:
    return next((one for one in reversed(person.views()) if one.callback_id == callback and about in one.text), None)


def _if(message: Shown, fits: Callable[[Shown], bool]) -> Shown | None:
    return message if fits(message) else None


def _voted(scene: Scene, person: Person, answer: Shown) -> bool | None:
    found = rows(
        scene.bot,
        "select 1 from votes join decision_posts using (workspace, decision) join people p on p.id = votes.person "
        "where decision_posts.ts = ? and p.external = ?",
        answer.ts,
        person.id,
    )
    return True if found else None


# --- what happens to the bot ---


def _kill(scene: Scene) -> None:
    chance = random.Random(SEED)
    bot = scene.bot
    began = time.monotonic()
    for _ in range(KILLS):
        if time.monotonic() - began > SPELL:
            _rest(bot)
            began = time.monotonic()
        if chance.random() < 0.5:
            time.sleep(chance.uniform(0.05, 2.5))
        else:
            _wait_for_call(bot, chance.choice(MOMENTS), chance.uniform(0.5, 2.5))
            time.sleep(chance.choice((0.0, 0.0, chance.uniform(0, 0.03))))
        bot.kill()
        time.sleep(chance.choice((0.0, chance.uniform(0, 0.5))))
        bot.start()


def _wait_for_call(bot: Bot, method: str, seconds: float) -> None:
    before = len(bot.workspace.calls(method))
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and len(bot.workspace.calls(method)) == before:
        time.sleep(0.005)


def _rest(bot: Bot) -> None:
    """Leave the bot alone until everything that people did before this has been done; who waits in vain says so."""
    with contextlib.suppress(SandboxError):
        bot.workspace.wait_quiet(SPELL)
    _wait_for_work(bot, SPELL, before=time.time())


def _settle(scene: Scene) -> None:
    """Wait until no event and no work is under way any more."""
    scene.bot.workspace.wait_quiet(PATIENCE)
    _wait_for_work(scene.bot, PATIENCE)


def _wait_for_work(bot: Bot, seconds: float, before: float = math.inf) -> None:
    """Wait, but not for longer than this, until no work is under way that was handed over before a moment."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        under_way = rows(
            bot, "select created_at from workflow_status where status in ('PENDING', 'ENQUEUED', 'DELAYED')"
        )
        if all(one["created_at"] >= before * 1000 for one in under_way):
            return
        time.sleep(0.2)
