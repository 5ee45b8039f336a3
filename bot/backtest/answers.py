"""Which answers of a ticket export say the same, by the rule by which the bot itself takes two answers for one.

Equal words are the same answer; so are answers that are near to each other and agree in every figure, link, sign and
negation. Each answer is compared with the first of each kind, so that the order of the file decides, and nothing else.
"""

from collections.abc import Sequence

import numpy as np

from kb.embedding import Embedder
from learning.proposals import Nearness
from learning.wording import facts, plain_answer


def same_answers(answers: Sequence[str], embedder: Embedder) -> list[int]:
    """For each answer the index of the first one that says the same; its own where there is none."""
    if not answers:
        return []
    vectors = embedder.embed(answers)
    near = Nearness().answer
    words: dict[str, int] = {}
    leaders: dict[frozenset[str], list[int]] = {}
    found: list[int] = []
    for index, answer in enumerate(answers):
        plain = plain_answer(answer)
        first = words.get(plain)
        if first is None:
            mine = leaders.setdefault(facts(answer), [])
            cosines = vectors[mine] @ vectors[index] if mine else np.empty(0)
            if len(cosines) and float(cosines.max()) >= near:
                first = mine[int(cosines.argmax())]
            else:
                first = index
                mine.append(index)
            words[plain] = first
        found.append(first)
    return found
