"""Waiting questions that look alike: which ones a person is shown beside the one they answer. Pure.

Similarity alone merges as many questions wrongly as rightly, so nothing here decides: what is shown is for a person to
tick, one by one. `LOOKS_ALIKE` is set low for that. Measured on banking77's test questions in queues of 10 to 100 with
all-MiniLM-L6-v2 (`python -m tests.benchmarks.alike`): from .55 on, 61 to 64 % of those of the same topic are shown and
34 to 36 % of what is shown is right; from .70 on seven in ten would be right, but seven in ten would be missed.
"""

from collections.abc import Mapping

from learning.ids import HandoffId

#: From which similarity a question is shown. A cosine of sentence embeddings; another scale needs its own.
LOOKS_ALIKE = 0.55
#: How many are shown at most: more than a person reads before they tick, and as many as one group of boxes holds.
SHOWN_AT_MOST = 10


def alike(
    similarities: Mapping[HandoffId, float], *, limit: float = LOOKS_ALIKE, most: int = SHOWN_AT_MOST
) -> tuple[HandoffId, ...]:
    """The handoffs whose questions look like the one being answered, nearest first.

    Args:
        similarities: of each waiting question to the one being answered, -1 to 1.
        limit: from which similarity on.
        most: how many at most.
    """
    near = sorted((-similarity, one) for one, similarity in similarities.items() if similarity >= limit)
    return tuple(one for _, one in near[:most])
