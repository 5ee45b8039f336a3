"""Kept: a reply as the record of its decision keeps it. Pure, but for the program's own version."""

from functools import cache
from importlib.metadata import version as installed_version

from bot.agent import Reply, ReplyKind
from bot.settings import Settings
from learning import recorder
from learning.recorder import DecisionKind, EvidenceItem, ModelUse
from learning.replay import Price

_KINDS = {
    ReplyKind.VERBATIM: DecisionKind.VERBATIM,
    ReplyKind.GENERATED: DecisionKind.GENERATED,
    ReplyKind.PASSAGES: DecisionKind.ABSTAINED,
    ReplyKind.ABSTAINED: DecisionKind.ABSTAINED,
}


def kind_of(reply: Reply) -> DecisionKind:
    """What was decided."""
    return _KINDS[reply.kind]


def evidence_of(reply: Reply) -> tuple[EvidenceItem, ...]:
    """What was before the bot, and what of it was said."""
    if reply.evidence is None:  # nothing was searched for; what it says was chosen by hand
        said = reply.sources if reply.answered else ()
        return tuple(EvidenceItem(one.entry, one.version, reply.confidence, used=True) for one in said)
    return recorder.evidence_items(reply.evidence, [source.entry for source in reply.sources] if reply.answered else ())


def signals_of(reply: Reply) -> dict[str, float]:
    """What the confidence was computed from, and what was offered because of it."""
    if reply.evidence is None:
        return {}
    offered = {"among_three": reply.evidence.among_three, "offered": float(len(reply.nearest))}
    return {**reply.evidence.signals, **offered}


def model_use_of(reply: Reply, price: Price | None) -> ModelUse:
    """What a model was asked for and gave back; nothing where none was asked.

    Args:
        price: what the model costs; None where nobody told.
    """
    writing = reply.writing
    if writing is None:
        return ModelUse()
    tokens = writing.tokens
    return ModelUse(
        output=writing.output,
        reasoning=writing.reasoning,
        finish_reason=writing.finish_reason,
        tokens_in=tokens.input if tokens else None,
        tokens_out=tokens.output if tokens else None,
        cost=price.of(tokens.input, tokens.output) if tokens and price is not None else None,
    )


def facts_of(reply: Reply) -> dict[str, str | int | float | bool | None]:
    """Further facts of the making, never words of people."""
    facts: dict[str, str | int | float | bool | None] = {"follow_up": reply.follow_up}
    if reply.nearest:
        facts["offered"] = " ".join(one.entry for one in reply.nearest)
    if (writing := reply.writing) is not None:
        facts |= {"removed_citations": writing.removed_citations, "withheld": writing.withheld}
    return facts


def price(settings: Settings) -> Price | None:
    """What the settings' model costs, where the operator has told the prices."""
    if settings.model_price_input is None or settings.model_price_output is None:
        return None
    return Price(settings.model_price_input, settings.model_price_output)


@cache
def program() -> str:
    """The program's version; looking it up reads files."""
    return installed_version("answerloop")
