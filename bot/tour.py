"""The tour: three people live through the whole loop, as a Slack client could, and every step has to happen.

Uma asks, Sam supports, Ada decides. They see and press only what the workspace shows them; what goes wrong ends the
tour with the reason. The faults of the last step are asked of the workspace, not of a person.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.client import PATIENCE, OpenView, Person, SandboxError, Shown, Workspace

HELP, SUPPORT, REVIEW = "C0HELP", "C0SUPPORT", "C0REVIEW"
KNOWN = "How do I reset my VPN password?"
UNKNOWN = "How do I get a parking badge for my e-bike trailer?"
PARAPHRASE = "Which parking permit do I need for my bike trailer?"
STAFF_ANSWER = "Trailers get a green sticker instead of the car badge. Pick it up at the Harbour reception."
EDITED = f"{STAFF_ANSWER} It is free and valid for two years."
CORRECTION = "The sticker is blue since this year. Pick it up at the Harbour reception; it is free for two years."
PRIVATE = "Can I bring my parrot to work on Fridays?"
PRIVATE_ANSWER = "Parrots are fine on Fridays, please keep them out of the lab."
#: How long the bot has to stay quiet for it to count.
QUIET_SECONDS = 1.5


@dataclass(frozen=True)
class Step:
    """One thing that had to happen."""

    step: str
    ok: bool
    seconds: float
    #: What was seen, or what was there instead.
    detail: str


@dataclass(frozen=True)
class Closed:
    """The end of the tour."""

    tour: str
    #: Whether every step happened.
    ok: bool
    seconds: float


@dataclass
class _Scene:
    """The three people and what they have seen so far."""

    workspace: Workspace
    uma: Person
    sam: Person
    ada: Person
    seen: dict[str, Any] = field(default_factory=dict)


def play(url: str, *, patience: float = PATIENCE) -> Iterator[Step | Closed]:
    """Play the tour in the workspace at `url`; stops at the first step that does not happen.

    Args:
        patience: seconds in which what is waited for must come about.
    """
    began = time.monotonic()
    done = 0
    with Workspace(url, patience=patience) as workspace:
        scene = _Scene(workspace, workspace.person("uma"), workspace.person("sam"), workspace.person("ada"))
        for name, act in STEPS:
            started = time.monotonic()
            try:
                detail, ok = act(scene), True
            except (SandboxError, StopIteration, KeyError) as error:
                detail, ok = f"{type(error).__name__}: {error}", False
            yield Step(name, ok, round(time.monotonic() - started, 3), detail)
            if not ok:
                break
            done += 1
    yield Closed("closed", done == len(STEPS), round(time.monotonic() - began, 3))


def answered_from_kb(scene: _Scene) -> str:
    question = scene.uma.say(HELP, f"@answerloop {KNOWN}")
    answer = scene.uma.wait_for_message(question, lambda one: one.by_app and "id.lumen.example" in one.text)
    scene.seen["answer"] = answer
    return _line(answer)


def sources_shown(scene: _Scene) -> str:
    answer: Shown = scene.seen["answer"]
    _expect("Source" in answer.text and KNOWN in answer.text, f"no source under the answer: {answer.text}")
    return "the entry is named under the answer"


def abstained_and_offered_person(scene: _Scene) -> str:
    question = scene.uma.say(HELP, f"@answerloop {UNKNOWN}")
    card = scene.uma.wait_for_message(question, lambda one: one.by_app and "Get a human" in _labels(one))
    _expect("Helpful" not in _labels(card), f"it answered instead: {card.text}")
    scene.seen |= {"question": question, "abstained": card}
    return _line(card)


def handoff_opened(scene: _Scene) -> str:
    scene.uma.click(scene.seen["abstained"], "Get a human")
    card = scene.sam.wait_for_message(SUPPORT, lambda one: one.by_app and "trailer" in one.text)
    told = scene.uma.wait_for_message(
        scene.seen["question"], lambda one: one.by_app and "asked a colleague" in one.text
    )
    scene.seen["card"] = card
    return _line(told)


def claimed(scene: _Scene) -> str:
    scene.sam.click(scene.seen["card"], "Claim")
    told = scene.uma.wait_for_message(scene.seen["question"], lambda one: one.by_app and "looking into" in one.text)
    scene.sam.wait_for_message(SUPPORT, lambda one: one.ts == scene.seen["card"].ts and "is helping" in one.text)
    return _line(told)


def quiet_while_claimed(scene: _Scene) -> str:
    question: Shown = scene.seen["question"]
    before = _by_app(scene.uma.thread(question))
    scene.uma.say(HELP, f"@answerloop {KNOWN}", thread=question)
    scene.workspace.wait_quiet()
    time.sleep(QUIET_SECONDS)
    after = _by_app(scene.uma.thread(question))
    _expect(len(after) == len(before), f"the bot spoke: {after[-1].text}")
    return f"nothing for {QUIET_SECONDS:g} s after a mention"


def resolved(scene: _Scene) -> str:
    question: Shown = scene.seen["question"]
    scene.sam.say(HELP, f"Hi Uma! {STAFF_ANSWER}", thread=question)
    scene.workspace.wait_quiet()
    form = _press(scene.sam, scene.seen["card"], "Resolve", "resolve_form")
    drafted = str(form.values)
    _expect("green sticker" in drafted, f"nothing was drafted from the staff's words: {drafted}")
    scene.sam.submit(form)
    asked = scene.uma.wait_for_message(question, lambda one: one.by_app and "Did that solve it?" in one.text)
    scene.uma.click(asked, "Yes, solved")
    scene.uma.wait_for_message(question, lambda one: one.by_app and "Glad that solved it" in one.text)
    return _line(asked)


def proposal_posted(scene: _Scene) -> str:
    def fits(one: Shown) -> bool:
        return one.by_app and "Approve" in _labels(one) and "green sticker" in one.text

    in_thread = scene.uma.wait_for_message(scene.seen["question"], fits)
    in_review = scene.ada.wait_for_message(REVIEW, fits)
    scene.seen |= {"proposal": in_thread, "review": in_review}
    return "the card stands in the thread and in the review channel"


def approval_refused_for_non_admin(scene: _Scene) -> str:
    scene.sam.click(scene.seen["proposal"], "Approve")
    told = scene.sam.wait_for(
        lambda: next((one for one in scene.sam.whispers(HELP) if "Only an admin" in one.text), None),
        otherwise="nobody told Sam that he may not approve",
    )
    card = scene.ada.again(scene.seen["review"])
    _expect("Approve" in _labels(card), "the proposal was decided all the same")
    return _line(told)


def edited(scene: _Scene) -> str:
    form = _press(scene.ada, scene.seen["review"], "Edit", "proposal_edit_form")
    scene.ada.submit(form, {"answer": EDITED})
    return "the answer was changed in the form"


def approved(scene: _Scene) -> str:
    def fits(one: Shown) -> bool:
        return "approved by" in one.text and "Approve" not in _labels(one)

    scene.uma.wait_for(lambda: _if(scene.uma.again(scene.seen["proposal"]), fits))
    card = scene.ada.wait_for(
        lambda: _if(scene.ada.again(scene.seen["review"]), lambda one: fits(one) and "Now:" in one.text)
    )
    scene.seen["review"] = card
    return _line(card)


def paraphrase_answered_from_learned_entry(scene: _Scene) -> str:
    question = scene.uma.say(HELP, f"@answerloop {PARAPHRASE}")
    answer = scene.uma.wait_for_message(question, lambda one: one.by_app and "valid for two years" in one.text)
    scene.seen |= {"again": question, "learned": answer}
    return _line(answer)


def thumbs_up_recorded(scene: _Scene) -> str:
    scene.uma.click(scene.seen["learned"], "Helpful")
    _home(scene.ada, lambda view: PARAPHRASE in view.text)
    return "the new wording waits in Ada's App Home"


def thumbs_up_changed_to_down_with_reason(scene: _Scene) -> str:
    form = _press(scene.uma, scene.seen["learned"], "Not helpful", "feedback_form")
    scene.uma.submit(form, {"reason": "incorrect", "correction": CORRECTION})
    return "reason: incorrect, with a correction"


def correction_became_proposal(scene: _Scene) -> str:
    card = scene.ada.wait_for_message(
        REVIEW, lambda one: one.by_app and "blue" in one.text and "correction" in one.text.lower()
    )
    return _line(card)


def undone(scene: _Scene) -> str:
    scene.ada.click(scene.seen["review"], "Undo")
    form = scene.ada.wait_for_view("affected_threads_form")
    scene.ada.close_view(form)
    card = scene.ada.wait_for(lambda: _if(scene.ada.again(scene.seen["review"]), lambda one: "Undone" in one.text))
    return _line(card)


def no_longer_answered(scene: _Scene) -> str:
    question = scene.uma.say(HELP, f"@answerloop {PARAPHRASE}")
    card = scene.uma.wait_for_message(question, lambda one: one.by_app and "Get a human" in _labels(one))
    _expect("two years" not in card.text, f"it still answers: {card.text}")
    return _line(card)


def dm_handoff_relayed(scene: _Scene) -> str:
    question = scene.uma.say(scene.uma.direct, PRIVATE)
    card = scene.uma.wait_for_message(question, lambda one: one.by_app and "Get a human" in _labels(one))
    scene.uma.click(card, "Get a human")
    room = scene.sam.wait_for_message(SUPPORT, lambda one: one.by_app and "parrot" in one.text)
    scene.sam.say(SUPPORT, PRIVATE_ANSWER, thread=room)
    reply = scene.uma.wait_for_message(question, lambda one: one.by_app and PRIVATE_ANSWER in one.text)
    _expect("support" in reply.text, f"the colleague is not named: {reply.text}")
    scene.uma.say(scene.uma.direct, "Even the grey one?", thread=question)
    scene.sam.wait_for_message(room, lambda one: one.by_app and "Even the grey one?" in one.text)
    return _line(reply)


def duplicate_event_answered_once(scene: _Scene) -> str:
    scene.workspace.faults("duplicate", event="message")
    scene.workspace.faults("duplicate_new_id", event="app_mention")
    question = scene.uma.say(HELP, f"@answerloop {KNOWN}")
    scene.uma.wait_for_message(question, lambda one: one.by_app and "id.lumen.example" in one.text)
    scene.workspace.wait_quiet()
    time.sleep(QUIET_SECONDS)
    answers = _by_app(scene.uma.thread(question))
    _expect(len(answers) == 1, f"{len(answers)} answers instead of one")
    return "one answer to one message that arrived four times"


STEPS: tuple[tuple[str, Callable[[_Scene], str]], ...] = tuple(
    (act.__name__, act)
    for act in (
        answered_from_kb,
        sources_shown,
        abstained_and_offered_person,
        handoff_opened,
        claimed,
        quiet_while_claimed,
        resolved,
        proposal_posted,
        approval_refused_for_non_admin,
        edited,
        approved,
        paraphrase_answered_from_learned_entry,
        thumbs_up_recorded,
        thumbs_up_changed_to_down_with_reason,
        correction_became_proposal,
        undone,
        no_longer_answered,
        dm_handoff_relayed,
        duplicate_event_answered_once,
    )
)


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise SandboxError(otherwise)


def _press(person: Person, on: Shown, label: str, form: str) -> OpenView:
    person.click(person.again(on), label)
    return person.wait_for_view(form)


def _home(person: Person, fits: Callable[[OpenView], bool]) -> OpenView:
    def look() -> OpenView | None:
        person.open_home()
        time.sleep(0.2)
        view = person.home()
        return view if view is not None and fits(view) else None

    return person.wait_for(look, otherwise="App Home does not show it")


def _if(message: Shown, fits: Callable[[Shown], bool]) -> Shown | None:
    return message if fits(message) else None


def _by_app(messages: list[Shown]) -> list[Shown]:
    return [one for one in messages if one.by_app]


def _labels(message: Shown) -> str:
    """Everything that can be pressed, by the words on it."""
    found: list[str] = []
    for block in message.blocks:
        elements = block.get("elements", [])
        accessory = block.get("accessory")
        for element in [*elements, *([accessory] if accessory else [])]:
            for part in (element, element.get("positive_button"), element.get("negative_button")):
                if isinstance(part, dict) and isinstance(part.get("text"), dict):
                    found.append(str(part["text"].get("text", "")))
    return " | ".join(found)


def _line(message: Shown) -> str:
    return " ".join(message.text.split())[:100]
