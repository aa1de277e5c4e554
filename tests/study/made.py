"""Bills and rows made by hand, so that what is said about them can be worked out on paper."""

from spiking.hardware import Bill, Line
from spiking.hardware.quantity import Interval, Quantity
from spiking.study.results.rows import frame, wilson


def made_line(constant, low, nominal, high, term="compute"):
    price = Quantity(value=1.0, unit="pJ", source="this project", kind="assumption")
    return Line(
        layer="hidden",
        operation="accumulates",
        term=term,
        count=1.0,
        price=price,
        constant=constant,
        energy=Interval(low, nominal, high),
    )


def made_bill(chip, *lines, needs=(), unpriced=()):
    return Bill(
        chip=chip,
        network="n",
        lines=tuple(made_line(*one) for one in lines),
        latency=Interval.exact(1e-3),
        needs=tuple(needs),
        unpriced=tuple(unpriced),
    )


def made_row(model, chip, bill, correct, samples=1000, **changes):
    low, high = wilson(correct, samples)
    out = {"model": model, "chip": chip, "accuracy": correct / samples}
    out |= {"accuracy_low": low, "accuracy_high": high}
    for scope in ("total", "dynamic", "compute"):
        name, e = "energy" if scope == "total" else f"energy_{scope}", bill.total(scope)
        out |= {f"{name}_J": e.nominal, f"{name}_low_J": e.low, f"{name}_high_J": e.high}
    spiking = model != "mlp"
    out |= {
        "latency_s": 1e-3,
        "throughput_per_s": 1e3,
        "training_energy_J": 2.0 if model == "mlp" else float("nan"),
        "training_energy_low_J": 1.0 if model == "mlp" else float("nan"),
        "training_energy_high_J": 3.0 if model == "mlp" else float("nan"),
        "training_samples": 1000.0 if model == "mlp" else float("nan"),
        "training_lower_bound": False,
        "energy_delay_Js": 1e-3 * bill.total().nominal,
        "spikes_per_inference": 100.0 if spiking else float("nan"),
        "spikes_per_synapse": 0.5 if spiking else float("nan"),
        "spikes_per_neuron_step": 0.06 if spiking else float("nan"),
        "steps": 8,
        "weight_bits": 8,
        "state_bits": 16,
        "fan_in": 100,
        "units": 50,
        "runs_here": bill.runs_here,
        "needs": "; ".join(bill.needs),
        "lower_bound": bool(bill.runs_here and bill.unpriced),
        "unpriced": "; ".join(bill.unpriced),
    }
    return out | changes


def made_table(bills, correct):
    """Rows of ``{(model, chip): bill}`` and ``{model: correct answers of 1000}``."""
    return frame(made_row(model, chip, bill, correct[model]) for (model, chip), bill in bills.items())
