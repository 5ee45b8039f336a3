"""The setup of a replay: what is different from when decisions were recorded. What is not named stays as it was."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Setup:
    """One way to decide again; names, versions and numbers only."""

    #: The chat model that writes; empty means none, so that nothing is written.
    model: str = ""
    #: Version of the knowledge base to search; None takes the evidence as it was recorded, confidence included.
    knowledge: int | None = None
    #: Version of the calibration for a new search; None is the newest, 0 what is shipped.
    calibration: int | None = None
    #: From what on something is said, 0 to 1; None as it was when the decision was made.
    answer_threshold: float | None = None
    offer_threshold: float | None = None
    #: sha256 of the instructions in the place of the program's own; empty where those stand.
    instructions: str = ""
    #: What a million tokens of the model cost; None where nobody told.
    price_input: float | None = None
    price_output: float | None = None
    #: What was typed to choose the decisions.
    chosen: str = ""

    def plain(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)

    @classmethod
    def of(cls, plain: dict[str, Any]) -> "Setup":
        """What `plain` gave, in this or an earlier version."""
        return cls(**{name: value for name, value in plain.items() if name in cls.__dataclass_fields__})
