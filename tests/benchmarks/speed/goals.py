"""What is aimed at, and what a run found beside it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """A bound on one figure."""

    #: The figure, by `part.name`.
    figure: str
    bound: float
    #: Whether the figure has to be the bound or more; else the bound or less.
    more: bool

    def judged(self, figures: Mapping[str, Mapping[str, object]]) -> dict[str, object]:
        """The figure beside its goal; `met` is None where it was not measured."""
        part, name = self.figure.split(".")
        found = figures.get(part, {}).get(name)
        met = None
        if isinstance(found, int | float):
            met = found >= self.bound if self.more else found <= self.bound
        return {
            "figure": self.figure,
            "goal": f"{'>=' if self.more else '<='} {self.bound}",
            "found": found,
            "met": met,
        }


GOALS = (
    Goal("question.ratio_p50", 2.5, more=True),
    Goal("question.first_exact", 0.999, more=True),
    Goal("question.ranking_and_confidence_ms_p50", 1.0, more=False),
    Goal("ingest.ratio", 1.5, more=True),
    Goal("fresh.memory_ratio", 0.5, more=False),
    Goal("fresh.ours_first_answer_s", 1.5, more=False),
    Goal("large.cost_ratio", 1.5, more=False),
    Goal("large.recall_at_5", 0.99, more=True),
    Goal("repeated.embedded_again", 0, more=False),
    Goal("approval.ms_p95", 100.0, more=False),
)


def judged(figures: Mapping[str, Mapping[str, object]]) -> list[dict[str, object]]:
    """Every goal with what was found."""
    return [goal.judged(figures) for goal in GOALS]
