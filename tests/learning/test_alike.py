"""Which waiting questions are shown beside the one being answered: the nearest, few, and in a fixed order."""

from hypothesis import given
from hypothesis import strategies as st

from learning.handoffs import alike
from learning.handoffs.alike import LOOKS_ALIKE, SHOWN_AT_MOST
from learning.ids import HandoffId

QUEUES = st.dictionaries(st.text(min_size=1, max_size=8).map(HandoffId), st.floats(-1, 1), max_size=40)


def test_what_looks_alike_is_shown_nearest_first() -> None:
    near, nearer, far = HandoffId("near"), HandoffId("nearer"), HandoffId("far")
    assert alike({near: 0.6, far: 0.3, nearer: 0.9}) == (nearer, near)
    assert alike({near: 0.6, far: 0.3, nearer: 0.9}, limit=0.2) == (nearer, near, far)
    assert alike({near: 0.6, far: 0.3, nearer: 0.9}, most=1) == (nearer,)
    assert alike({}) == ()


@given(QUEUES)
def test_only_the_nearest_are_shown_whatever_the_order(similarities: dict[HandoffId, float]) -> None:
    shown = alike(similarities)
    assert shown == alike(dict(reversed(similarities.items())))
    assert len(shown) == min(SHOWN_AT_MOST, sum(one >= LOOKS_ALIKE for one in similarities.values()))
    left = [similarities[one] for one in similarities.keys() - set(shown)]
    assert all(similarities[one] >= max([LOOKS_ALIKE, *(far for far in left if far >= LOOKS_ALIKE)]) for one in shown)
