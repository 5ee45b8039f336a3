"""Whoever carries a message waits for those that are being taken, and for no later ones."""

import threading
from datetime import timedelta

from bot.arrivals import Arrivals
from learning.conversations import Place

HERE, ELSEWHERE = Place("C1", "1.0"), Place("C1", "2.0")


def test_it_waits_for_what_is_being_taken_at_the_same_place() -> None:
    arrivals, order = Arrivals(), []
    begun, may_end = threading.Event(), threading.Event()

    def take() -> None:
        with arrivals.taking(HERE):
            begun.set()
            may_end.wait(10)
            order.append("taken")

    taker = threading.Thread(target=take)
    taker.start()
    begun.wait(10)
    assert arrivals.wait(ELSEWHERE, timedelta(0)), "another place does not matter"
    assert not arrivals.wait(HERE, timedelta(milliseconds=20)), "it has an end"
    may_end.set()
    assert arrivals.wait(HERE, timedelta(seconds=10))
    order.append("carried")
    taker.join()
    assert order == ["taken", "carried"]


def test_it_does_not_wait_for_what_came_after_it() -> None:
    arrivals = Arrivals()
    first, second = arrivals.taking(HERE), arrivals.taking(HERE)
    first.__enter__()
    done = threading.Event()

    def wait() -> None:
        assert arrivals.wait(HERE, timedelta(seconds=10))
        done.set()

    waiter = threading.Thread(target=wait)
    waiter.start()
    assert not done.wait(0.05)
    second.__enter__()
    first.__exit__(None, None, None)
    assert done.wait(10)
    second.__exit__(None, None, None)
    waiter.join()
