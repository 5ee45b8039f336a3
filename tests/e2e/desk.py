"""What the tests of handoffs, proposals and reviews do again and again, in the words of people."""

import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from bot.sandbox import world
from bot.sandbox.block_kit.interactive import elements
from bot.sandbox.client import OpenView, Person, Shown
from kb.ids import WorkspaceId
from learning import audit
from tests.e2e.acts import ask, rows
from tests.e2e.conftest import Bot, labels

SUPPORT, REVIEW = "C0SUPPORT", "C0REVIEW"
WORKSPACE = WorkspaceId(world.TEAM.id)


@dataclass(frozen=True)
class Handed:
    """A conversation in people's hands."""

    question: Shown
    #: What the asker was told, with the button to cancel.
    told: Shown
    #: The card in the staff room.
    card: Shown


#: Questions as far from each other as from everything known, for what is learned and asked again.
_FAR = {
    "gondola": "Who waters the gondola in the lobby aquarium?",
    "canoe": "Where do retired canoe paddles get their new paint?",
    "kayak": "Which anthem is sung when a kayak is launched?",
    "raft": "How heavy is the founder's raft made of corks?",
    "sledge": "When does the sledge race on the roof begin?",
    "unicycle": "Who signs the unicycle licences of the juggling club?",
    "tricycle": "How many tricycles hang in the museum hall?",
    "mongoose": "Whose desk does the stuffed mongoose guard?",
    "gramophone": "Who winds the gramophone in the lift?",
    "obelisk": "Why does the obelisk beside the fountain hum?",
    "zeppelin": "What does the zeppelin on our logo carry?",
}


def unknown(what: str) -> str:
    """A question that nothing is known of, recognised by `what`."""
    return _FAR.get(what, f"Which {what} may be towed by the blue tractor?")


def abstained(bot: Bot, asker: Person, channel: str, what: str, thread: Shown | None = None) -> tuple[Shown, Shown]:
    """Ask what nobody knows; the question and the card that offers a person."""
    mention = "" if channel.startswith("D") else "@answerloop "
    question = asker.say(channel, mention + unknown(what), thread=thread)
    return question, asker.wait_for_message(question, lambda one: one.by_app and "Get a human" in labels(one))


def hand_over(bot: Bot, channel: str, what: str, asker: str = "uma") -> Handed:
    """Ask what nobody knows and press 'Get a human'."""
    person = bot.person(asker)
    question, offered = abstained(bot, person, channel, what)
    person.click(offered, "Get a human")
    return handed(bot, question, what, asker)


def handed(bot: Bot, question: Shown, what: str, asker: str = "uma") -> Handed:
    """Wait until a question has a card and the asker was told."""
    told = bot.person(asker).wait_for_message(question, lambda one: "I've asked a colleague" in one.text)
    return Handed(question, told, card_of(bot, what))


def card_of(bot: Bot, what: str, *, holds: str = "") -> Shown:
    """The card in the staff room whose question names `what`."""
    return bot.person("sam").wait_for_message(
        SUPPORT, lambda one: one.by_app and what in one.text and holds in one.text
    )


def becomes(person: Person, message: Shown, fits: Callable[[Shown], bool]) -> Shown:
    """Wait until a message that stands already is shown as expected."""

    def look() -> Shown | None:
        now = person.again(message)
        return now if fits(now) else None

    return person.wait_for(look, otherwise=lambda: f"it still shows: {person.again(message).text}")


def press(person: Person, on: Shown, label: str, form: str) -> OpenView:
    """Press what opens a form, as the message stands now."""
    person.click(person.again(on), label)
    return person.wait_for_view(form)


def told(person: Person, channel: str, words: str) -> Shown:
    """Wait for a whisper that says `words`."""
    return person.wait_for(
        lambda: next((one for one in person.whispers(channel) if words in one.text), None),
        otherwise=lambda: f"not told {words!r}, but {[one.text for one in person.whispers(channel)]}",
    )


def resolve(bot: Bot, handed_over: Handed, answer: str = "", *, by: str = "sam", learn: bool = True) -> None:
    """Resolve on the card, with the drafted answer or another."""
    staff = bot.person(by)
    becomes(staff, handed_over.card, lambda one: "Resolve" in labels(one))
    form = press(staff, handed_over.card, "Resolve", "resolve_form")
    values: dict[str, object] = {"propose": ["on"] if learn else []}
    staff.submit(form, values | ({"answer": answer} if answer else {}))


def correct(bot: Bot, answer: Shown, correction: str, *, by: str = "uma", reason: str = "incorrect") -> None:
    """Press the thumb down and say what would be right."""
    person = bot.person(by)
    form = press(person, answer, "Not helpful", "feedback_form")
    person.submit(form, {"reason": reason, "correction": correction})


def review_card(bot: Bot, words: str, *, button: str = "Reject", by: str = "ada") -> Shown:
    """The card in the review channel that says `words` and can be decided on."""
    return bot.person(by).wait_for_message(
        REVIEW, lambda one: one.by_app and words in one.text and button in labels(one)
    )


def home(person: Person, fits: Callable[[OpenView], bool]) -> OpenView:
    """Open App Home until it shows what is expected."""

    def look() -> OpenView | None:
        person.open_home()
        person.workspace.wait_quiet()
        view = person.home()
        return view if view is not None and fits(view) else None

    return person.wait_for(look, otherwise=lambda: f"App Home shows: {shown.text if (shown := person.home()) else ''}")


def ticked(view: OpenView, words: str) -> str:
    """The value of the box in a view that names these words."""
    for _, element in elements(view.blocks):
        for option in element.get("options") or []:
            if words in option["text"]["text"]:
                return str(option["value"])
    raise AssertionError(f"no box for {words!r}")


def answer_of(bot: Bot, person: Person, channel: str, question: str, holds: str = "") -> Shown:
    """What the bot answers to a question in a thread of its own."""
    return ask(person, channel, f"@answerloop {question}", holds=holds)[1]


def at_once(*acts: Callable[[], None]) -> None:
    """Do several things at the same moment."""
    barrier = threading.Barrier(len(acts))

    def run(act: Callable[[], None]) -> None:
        barrier.wait()
        act()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def audit_holds(bot: Bot) -> int:
    """Check the whole chain and that each review has its record; how many reviews there are."""
    engine = create_engine(f"sqlite:///file:{bot.data_dir / 'answerloop.db'}?mode=ro&uri=true")
    with closing(engine.connect()) as connection, Session(connection) as session:
        assert audit.verify(session, WORKSPACE) is None
    engine.dispose()
    reviews = {one["id"] for one in rows(bot, "select id from reviews")}
    recorded = [one["id"] for one in rows(bot, "select json_extract(detail, '$.review') as id from audit")]
    assert len(recorded) == len(set(recorded))
    assert reviews == set(recorded), "a review without its record, or a record without its review"
    return len(reviews)
