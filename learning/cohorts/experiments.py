"""Live experiments: which arm a conversation is in. Pure.

Always: a conversation stays in its arm, whoever asks and however often, because the arm follows from its id alone;
arms of different experiments have nothing to do with each other; nobody's words or identity has a say.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import accumulate

from learning.errors import NotUnderstood


@dataclass(frozen=True)
class Experiment:
    """Arms that conversations are spread over by chance."""

    name: str
    #: Of each arm its weight, above 0; an arm gets its share of the sum.
    weights: Mapping[str, float]

    def __post_init__(self) -> None:
        """Refuse what cannot be an experiment.

        Raises:
            NotUnderstood: fewer than two arms, a weight that is not above 0, or a name that cannot be typed again.
        """
        if len(self.weights) < 2:
            raise NotUnderstood(f"The experiment '{self.name}' needs at least two arms.")
        for arm, weight in self.weights.items():
            if not 0 < weight < float("inf"):
                raise NotUnderstood(f"The weight of arm '{arm}' of '{self.name}' must be above 0.")
        for name in (self.name, *self.weights):
            if not name.strip() or any(character in name for character in "=, "):
                raise NotUnderstood(f"'{name}' is no name of an experiment or arm: use no spaces, commas or '='.")

    def arm_of(self, conversation: str) -> str:
        """The arm of a conversation.

        The hash (sha256) of both names is a number spread evenly over 0 to 1; the arms lie on that line side by side in
        the order of their names, so that the order in which they were written down moves nobody.
        """
        digest = sha256(f"{self.name}\0{conversation}".encode()).digest()
        place = int.from_bytes(digest[:8], "big") / 2**64
        names = sorted(self.weights)
        ends = accumulate(self.weights[name] for name in names)
        total = sum(self.weights.values())
        return next((name for name, end in zip(names, ends, strict=True) if place * total < end), names[-1])


def arms(experiments: Iterable[Experiment], conversation: str) -> dict[str, str]:
    """Of each experiment the arm of a conversation: the tags of every decision in it."""
    return {experiment.name: experiment.arm_of(conversation) for experiment in experiments}
