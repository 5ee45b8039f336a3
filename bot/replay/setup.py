"""The setup of a replay: what is different from when decisions were recorded. What is not named stays as it was."""

from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from bot.agent.prompt import INSTRUCTIONS
from learning.replay import Price


def prompt_of(instructions: str) -> str:
    """The hash of what a model is told to do: of a text of the operator's, or where that is empty of the program's."""
    return sha256((instructions or INSTRUCTIONS).encode()).hexdigest()


@dataclass(frozen=True)
class Setup:
    """One way to decide again; names, versions and numbers only."""

    #: The chat model that writes; empty means none, so that nothing is written.
    model: str = ""
    #: Version of the knowledge base to search; None takes the evidence as it was recorded, confidence included.
    knowledge: int | None = None
    #: Version of the calibration for a new search, 0 what is shipped; None where nothing is searched.
    calibration: int | None = None
    #: From what on something is said, 0 to 1; None as it was when the decision was made.
    answer_threshold: float | None = None
    offer_threshold: float | None = None
    #: sha256 of what the model is told to do before any question, and the version of the program: half a run with one
    #: and half with another would compare nothing.
    prompt: str = ""
    code: str = ""
    #: What a million tokens of the model cost; None where nobody told.
    price_input: float | None = None
    price_output: float | None = None
    #: What was typed to choose the decisions.
    chosen: str = ""

    @property
    def price(self) -> Price | None:
        """What the model costs; None where nobody told."""
        if self.price_input is None or self.price_output is None:
            return None
        return Price(self.price_input, self.price_output)

    def plain(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)

    @classmethod
    def of(cls, plain: dict[str, Any]) -> "Setup":
        """What `plain` gave, in this or an earlier version."""
        return cls(**{name: value for name, value in plain.items() if name in cls.__dataclass_fields__})
