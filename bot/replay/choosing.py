"""Choosing: from what was typed to the recorded decisions that are replayed, and the setup in which they are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.orm import Session

from bot import kept
from bot.agent import NOTHING_ASKED
from bot.errors import BotError, Unusable
from bot.replay.setup import Setup, prompt_of
from bot.settings import Settings
from kb import calibrations, changes
from kb.clock import utc_now
from kb.ids import WorkspaceId
from learning import cohorts
from learning.cohorts import WINDOW, Observation
from learning.ids import DecisionId
from learning.replay import store

#: Longest text of instructions, in characters; a longer one is another file by mistake.
LONGEST_INSTRUCTIONS = 50_000
#: What is typed for no model, for evidence as it was recorded, and for the knowledge base as it is.
NO_MODEL, RECORDED, NOW = "none", "recorded", "now"
#: Parts of a cohort.
ONLY: Mapping[str, Callable[[Observation], bool]] = {
    "escalated": lambda one: one.handed_over,
    "answered": lambda one: one.answered_alone,
    "abstained": lambda one: not one.answered_alone,
    "voted_down": lambda one: one.down > 0,
}


@dataclass(frozen=True)
class Wish:
    """What somebody typed."""

    cohort: str = ""
    #: A part of the cohort, as `ONLY` names them; empty for all of it.
    only: str = ""
    #: The newest so many; None for all.
    limit: int | None = None
    #: Ids, in the place of a cohort.
    decisions: tuple[str, ...] = ()
    #: None for the model of the settings.
    model: str | None = None
    #: A file with other instructions.
    instructions: Path | None = None
    knowledge: str = RECORDED
    calibration: int | None = None
    answer_threshold: float | None = None
    offer_threshold: float | None = None
    price_input: float | None = None
    price_output: float | None = None


@dataclass(frozen=True)
class Chosen:
    """What is to be replayed, and how."""

    workspace: WorkspaceId
    decisions: tuple[DecisionId, ...]
    setup: Setup
    #: The instructions in the place of the program's own; empty for those.
    instructions: str = field(default="", repr=False)


def choose(settings: Settings, session: Session, workspace: WorkspaceId, wish: Wish) -> Chosen:
    """What a wish means.

    Raises:
        BotError: nothing belongs to it, or it contradicts itself.
        Unknown: a decision is not recorded; the message names it.
        NotUnderstood: the cohort cannot be read.
        Unusable: the file with instructions cannot be used.
    """
    text = _instructions(wish.instructions)
    model = _model(settings, wish.model)
    price = kept.price(settings) if model == settings.model_name else None
    knowledge = _knowledge(session, workspace, wish.knowledge)
    if wish.calibration is not None and knowledge is None:
        raise BotError("A calibration ranks what is searched; name a --kb-version (or `now`) to search again.")
    # Whatever may change while the run is stopped is settled here.
    searched = calibrations.newest(session, workspace) if wish.calibration is None else wish.calibration
    setup = Setup(
        model=model,
        knowledge=knowledge,
        calibration=None if knowledge is None else searched,
        answer_threshold=settings.answer_threshold if wish.answer_threshold is None else wish.answer_threshold,
        offer_threshold=settings.offer_threshold if wish.offer_threshold is None else wish.offer_threshold,
        prompt=prompt_of(text),
        code=kept.program(),
        price_input=price.read if wish.price_input is None and price else wish.price_input,
        price_output=price.written if wish.price_output is None and price else wish.price_output,
        chosen=wish.cohort + (f", only {wish.only}" if wish.only else ""),
    )
    return Chosen(workspace, _decisions(session, workspace, wish), setup, text)


def _decisions(session: Session, workspace: WorkspaceId, wish: Wish) -> tuple[DecisionId, ...]:
    if bool(wish.cohort) == bool(wish.decisions):
        raise BotError("Say what to replay: either --cohort or --decisions.")
    if wish.decisions:
        named = tuple(DecisionId(one) for one in dict.fromkeys(wish.decisions))[: wish.limit]
        store.check(session, workspace, named)
        return named
    if wish.only and wish.only not in ONLY:
        raise BotError(f"There is no part '{wish.only}' of a cohort; there are {', '.join(ONLY)}.")
    selector = cohorts.parse(wish.cohort)
    # A question of today can be asked again, whatever may still become of it.
    seen = cohorts.observed(session, workspace, now=utc_now() + WINDOW, not_asked=NOTHING_ASKED)
    part = ONLY.get(wish.only)
    found = [one.decision for one in seen if selector.holds(one) and (part is None or part(one))]
    if not found:
        raise BotError(f"No question belongs to '{wish.cohort}'. `answerloop cohorts list` shows what there is.")
    return tuple(found if wish.limit is None else found[-wish.limit :])


def _model(settings: Settings, typed: str | None) -> str:
    if typed is not None:
        return "" if typed == NO_MODEL else typed
    connected = settings.model_base_url or settings.model_api_key.get_secret_value()
    return settings.model_name if connected else ""


def _knowledge(session: Session, workspace: WorkspaceId, typed: str) -> int | None:
    if typed == RECORDED:
        return None
    if typed == NOW:
        return changes.kb_version(session, workspace)
    if not typed.isdecimal():
        raise BotError(f"'{typed}' is no version of the knowledge base; give a number, `{NOW}` or `{RECORDED}`.")
    return int(typed)


def _instructions(file: Path | None) -> str:
    if file is None:
        return ""
    try:
        text = file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise Unusable(f"{file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise Unusable(f"{file} is no text in UTF-8.") from None
    if not text:
        raise Unusable(f"{file} is empty; without it the program's own instructions stand.")
    if len(text) > LONGEST_INSTRUCTIONS:
        raise Unusable(f"{file} has {len(text):,} characters; instructions have at most {LONGEST_INSTRUCTIONS:,}.")
    return text
