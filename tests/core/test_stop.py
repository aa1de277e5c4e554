"""Signals become one exception; what swallows it is made up for."""
# ruff: noqa: PT012

import ctypes
import os
import signal
import time
import weakref

import pytest

from spiking.core.process import stop


def wait():
    for _ in range(400):
        time.sleep(0.005)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_raises_with_its_code(name):
    before = signal.getsignal(getattr(signal, name))
    with pytest.raises(stop.Stopped) as caught, stop.handled():
        os.kill(os.getpid(), getattr(signal, name))
        wait()
    assert caught.value.code == 128 + getattr(signal, name)
    assert isinstance(caught.value, KeyboardInterrupt)
    assert signal.getsignal(getattr(signal, name)) is before
    assert stop.asked() is None


def test_dropped_by_a_callback_out_of_c_it_comes_again():
    def called():
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.01)

    call = ctypes.CFUNCTYPE(None)(called)
    with pytest.raises(stop.Stopped), stop.handled():
        call()
        wait()


def test_dropped_by_a_weak_reference_it_comes_again():
    class Thing:
        pass

    thing = Thing()
    ref = weakref.ref(thing, lambda _: (os.kill(os.getpid(), signal.SIGINT), time.sleep(0.01)))
    with pytest.raises(stop.Stopped), stop.handled():
        del thing
        wait()
    assert ref() is None


def test_inside_llvmlite_nothing_is_raised_until_it_is_left(tmp_path):
    reached = []
    code = compile(
        "def f():\n    os.kill(os.getpid(), signal.SIGINT)\n    time.sleep(0.12)\n    reached.append(1)\n",
        os.sep + os.path.join("x", "llvmlite", "binding.py"),
        "exec",
    )
    names = {"os": os, "signal": signal, "time": time, "reached": reached}
    exec(code, names)
    with pytest.raises(stop.Stopped), stop.handled():
        names["f"]()
        wait()
    assert reached == [1]


def test_swallowed_it_is_still_known():
    with stop.handled():
        with pytest.raises(stop.Stopped):
            os.kill(os.getpid(), signal.SIGTERM)
            wait()
        assert stop.asked() == signal.SIGTERM
        with pytest.raises(stop.Stopped):
            stop.check()
    stop.check()


def test_swallowed_it_comes_again():
    with pytest.raises(stop.Stopped), stop.handled():
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            wait()
        except BaseException:  # as some packages do while they are imported
            pass
        wait()


def test_it_does_not_come_again_while_there_is_cleaning_up():
    cleaned = []
    with pytest.raises(stop.Stopped), stop.handled():
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            wait()
        finally:
            try:
                raise ValueError
            except ValueError:
                wait()  # long enough for several repeats
            cleaned.append(1)
    assert cleaned == [1]


def test_a_second_signal_does_not_disturb_the_cleaning_up():
    cleaned = []
    with pytest.raises(stop.Stopped), stop.handled():
        try:
            os.kill(os.getpid(), signal.SIGINT)
            wait()
        finally:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.05)
            cleaned.append(1)
    assert cleaned == [1]
