"""The garbage collector rests while very much is made that stays, and afterwards does what it did before."""

import gc
from collections.abc import Iterator
from threading import Event, Thread

import pytest

from kb import collector


@pytest.fixture(autouse=True)
def on() -> Iterator[None]:
    gc.enable()
    yield
    gc.enable()


def test_it_rests_inside_and_not_afterwards_not_even_after_an_error() -> None:
    with pytest.raises(RuntimeError, match="broken"), collector.resting():
        assert not gc.isenabled()
        raise RuntimeError("broken")
    assert gc.isenabled()


def test_it_rests_until_the_last_thread_is_done() -> None:
    entered, leave = Event(), Event()

    def elsewhere() -> None:
        with collector.resting():
            entered.set()
            leave.wait(10)

    other = Thread(target=elsewhere)
    with collector.resting(), collector.resting():
        other.start()
        assert entered.wait(10)
    assert not gc.isenabled(), "another thread still makes what stays"
    leave.set()
    other.join(10)
    assert gc.isenabled()


def test_one_that_the_program_turned_off_stays_off() -> None:
    gc.disable()
    with collector.resting():
        pass
    assert not gc.isenabled()
