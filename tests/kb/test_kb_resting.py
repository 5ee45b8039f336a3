"""The collector rests while somebody needs it to, and no longer."""

import gc
from collections.abc import Iterator
from threading import Event, Thread

import pytest

from kb.resting import resting


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    was = gc.isenabled()
    gc.enable()
    yield
    (gc.enable if was else gc.disable)()


def test_it_rests_meanwhile_and_wakes_after_an_error_too() -> None:
    with pytest.raises(ValueError, match="on purpose"), resting():
        assert not gc.isenabled()
        raise ValueError("on purpose")
    assert gc.isenabled()


def test_it_rests_until_the_last_of_several_is_done() -> None:
    begun, done = Event(), Event()

    def rest() -> None:
        with resting():
            begun.set()
            done.wait(10)

    other = Thread(target=rest)
    with resting():
        other.start()
        assert begun.wait(10)
    assert not gc.isenabled(), "the other one still needs it"
    done.set()
    other.join()
    assert gc.isenabled()


def test_what_somebody_else_switched_off_stays_off() -> None:
    gc.disable()
    with resting():
        assert not gc.isenabled()
    assert not gc.isenabled()
