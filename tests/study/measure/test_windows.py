"""Joules by a counter whose every tick is known."""

import json
import threading
import time

import pytest

from spiking.bridges.nir import save
from spiking.cli.program import execute
from spiking.core.coding.encode import Direct, Poisson
from spiking.core.errors import SpikingError
from spiking.core.network import Network
from spiking.core.neurons import LIF, Linear, ReLU
from spiking.study.inferences import Inferences
from spiking.study.measure import Measuring, measure
from tests.study.measure.test_counter import zone

IDLE, EACH, PACE = 7.0, 0.25, 0.5  # watts, joules and seconds of an inference


@pytest.fixture
def networks():
    made = []
    for name, unit, encoder in (("mlp", ReLU(), Direct()), ("snn", LIF(), Poisson())):
        net = Network.dense(
            [64, 8, 10], hidden=unit, readout=Linear() if name == "mlp" else LIF(), encoder=encoder,
            steps=1 if name == "mlp" else 4, name=name,
        )  # fmt: skip
        made.append(net)
    return made


class Bench:
    """A machine that draws IDLE watts, and EACH joules more for an inference that takes PACE seconds."""

    words = "a made counter"

    def __init__(self, monkeypatch, drift=0.0):
        import spiking.study.measure.windows as module

        self.now, self.work, self.sizes, self.drift = 0.0, 0.0, [], drift
        real = module.run

        def counted(network, x, **options):
            self.sizes.append(len(x))
            self.now += PACE * len(x)
            self.work += EACH * len(x)
            return real(network, x, **options)

        monkeypatch.setattr(module, "run", counted)

    def joules(self):
        return IDLE * self.now + self.drift * self.now**2 + self.work

    def clock(self):
        return self.now

    def rest(self, seconds):
        self.now += seconds


def test_idle_power_is_subtracted_and_batches_are_told_apart(networks, monkeypatch):
    bench = Bench(monkeypatch)
    events = []
    found = measure(
        networks, bench, Inferences(samples=40), options=Measuring(seconds=10.0, batches=(1, 16)),
        clock=bench.clock, rest=bench.rest, watch=events.append,
    )  # fmt: skip
    assert found.idle == pytest.approx((IDLE, IDLE), rel=1e-12)
    assert [(r.network, r.batch) for r in found.rows] == [
        ("mlp", 1), ("mlp", 16), ("snn", 1), ("snn", 16),
    ]  # fmt: skip
    for row in found.rows:
        assert row.dynamic == pytest.approx(EACH, rel=1e-9)
        assert row.low == pytest.approx(EACH, rel=1e-9) == row.high
        assert row.total == pytest.approx(EACH + IDLE * PACE, rel=1e-9)
        assert row.seconds == pytest.approx(PACE, rel=1e-9)
    assert [r.inferences for r in found.rows] == [60, 96, 60, 96]  # 3 windows of 20, and of 2 x 16
    assert set(bench.sizes[2:]) == {1, 16}
    assert (events[-1].done, events[-1].total) == (6, 6)
    assert set(found.bills) == {"mlp", "snn"}
    assert found.chip == "cpu-xeon-e5-2630"


def test_a_machine_that_warms_up_shows_in_both_idle_powers(networks, monkeypatch):
    bench = Bench(monkeypatch, drift=0.001)
    found = measure(
        networks[:1], bench, Inferences(samples=8), options=Measuring(seconds=5.0, batches=(1,)),
        clock=bench.clock, rest=bench.rest,
    )  # fmt: skip
    assert found.idle[1] > found.idle[0]
    assert found.rows[0].low < found.rows[0].dynamic < found.rows[0].high


def test_a_batch_is_no_larger_than_the_samples(networks, monkeypatch):
    bench = Bench(monkeypatch)
    found = measure(
        networks, bench, Inferences(samples=5), options=Measuring(seconds=1.0, batches=(1, 1000)),
        clock=bench.clock, rest=bench.rest,
    )  # fmt: skip
    assert [r.batch for r in found.rows] == [1, 5, 1, 5]


def test_a_counter_that_stands_still_measures_nothing(networks, monkeypatch):
    bench = Bench(monkeypatch)
    bench.joules = lambda: 3.0
    with pytest.raises(SpikingError, match="stands still; it counts nothing here"):
        measure(networks, bench, Inferences(samples=4), clock=bench.clock, rest=bench.rest)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"seconds": 0.0}, "seconds is 0.0 s; allowed: above 0 to 300"),
        ({"seconds": 301}, "seconds is 301 s; allowed"),
        ({"batches": ()}, "batches is empty"),
        ({"batches": (0,)}, "batch is 0; allowed: whole numbers"),
        ({"batches": (1, 1)}, "a batch came twice"),
    ],
)
def test_bad_options(options, words):
    with pytest.raises(SpikingError, match=words):
        Measuring(**options)


def test_bad_networks(networks, monkeypatch):
    bench = Bench(monkeypatch)
    with pytest.raises(SpikingError, match="no network came"):
        measure([], bench)
    with pytest.raises(SpikingError, match="two networks are called 'mlp'"):
        measure([networks[0], networks[0]], bench, Inferences(samples=4))
    with pytest.raises(SpikingError, match="unknown chip 'nothing'"):
        measure(networks, bench, Inferences(samples=4), options=Measuring(chip="nothing"))


def test_the_command_reads_a_live_counter(networks, tmp_path, capsys):
    file = zone(tmp_path / "powercap" / "intel-rapl:0", "package-0", 1)
    over = threading.Event()

    def live():
        while not over.is_set():
            with open(file, "r+") as out:  # as a counter: never empty, not for a moment
                out.write(str(10**6 + int(5e6 * time.monotonic())))
            time.sleep(0.002)

    thread = threading.Thread(target=live, daemon=True)
    thread.start()
    try:
        paths = [str(tmp_path / f"{net.name}.nir") for net in networks]
        for net, path in zip(networks, paths, strict=True):
            save(net, path)
        wanted = ["--samples", "20", "--seconds", "0.3", "--counter", str(tmp_path / "powercap")]
        assert execute(["measure", *paths, *wanted, "--json", str(tmp_path / "found.json")]) == 0
    finally:
        over.set()
        thread.join()
    out = capsys.readouterr().out
    assert "Measured on this machine" in out
    assert "Counter: RAPL zones package-0" in out
    assert out.count("estimated, not measured") == 2
    found = json.loads((tmp_path / "found.json").read_text())
    assert [row["batch"] for row in found["measured"]] == [1, 20, 1, 20]
    assert min(found["idle_W"]) > 0  # how much depends on when the thread above runs
    assert set(found["estimated_not_measured"]) == {"mlp", "snn"}


def test_the_command_without_a_counter_says_so_and_writes_nothing(tmp_path, capsys):
    result = tmp_path / "found.json"
    code = execute(["measure", "mlp.nir", "--counter", str(tmp_path / "nothing"), "--json", str(result)])
    assert code == 2
    assert "no energy counter here" in capsys.readouterr().err
    assert not result.exists()


def test_the_command_refuses_batches_that_are_no_numbers(capsys):
    assert execute(["measure", "mlp.nir", "--batches", "1,many"]) == 2
    assert "--batches holds 'many'; allowed: whole numbers, e.g. 1,1000" in capsys.readouterr().err
