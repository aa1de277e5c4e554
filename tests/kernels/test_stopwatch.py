"""Compiling is no work."""

import time

from numba import njit

from spiking.kernels.stopwatch import working_seconds


def test_the_clock_stands_still_while_something_compiles():
    @njit
    def square(x):
        return x * x

    wall, work = time.perf_counter(), working_seconds()
    square(3.0)  # compiles
    wall, work = time.perf_counter() - wall, working_seconds() - work
    assert 0 <= work < wall / 4


def test_the_clock_runs_with_the_wall_clock_otherwise():
    wall, work = time.perf_counter(), working_seconds()
    time.sleep(0.05)
    passed = working_seconds() - work
    assert 0.05 <= passed <= time.perf_counter() - wall
