"""What this package computes for each target: id -> {item: value in the unit of the target}.

A value is a number, or an interval: the answer with the band of its own constants.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from spiking.hardware.quantity import Interval
from spiking.study.validation.energy import arithmetic, chips, ledger, micro

ANSWERS: Mapping[str, Callable[[], Mapping[str, float] | Mapping[str, Interval]]] = {
    "V1": arithmetic.horowitz,
    "V2": arithmetic.stillmaker,
    "V3": arithmetic.keras_spiking,
    "V4": arithmetic.syops,
    "V5": arithmetic.neurobench_operations,
    "V6": arithmetic.neurobench_spiking_footprint,
    "V7": arithmetic.neurobench_footprint,
    "V8": arithmetic.yan_crossover,
    "V9": arithmetic.yan_threshold,
    "V10": arithmetic.yan_energies,
    "V11": arithmetic.lemaire,
    "V12": arithmetic.break_even,
    "V13": micro.sanafe,
    "V14": chips.odin_power,
    "V15": chips.odin_all_in,
    "V16": chips.truenorth_held_out,
    "V17": chips.truenorth_elsewhere,
    "V18": chips.truenorth_arithmetic,
    "V19": chips.frady,
    "V20": chips.loihi_arithmetic,
    "V21": chips.blouw_devices,
    "V22": chips.blouw_slope,
    "V23": chips.blouw_loihi,
    "V24": chips.xylo,
    "V25": chips.renner,
    "V26": chips.asic_per_weight,
    "V27": chips.odin_mnist,
    "V28": arithmetic.shen,
    "V29": chips.all_in_guard,
    "V30": arithmetic.spread,
    "L1": ledger.tiny_energy,
    "L2": ledger.tiny_latency,
    "L3": ledger.tiny_detector,
    "L4": ledger.blouw_scaled,
    "L5": ledger.blouw_keyword,
    "L6": ledger.renner_digits,
    "L7": ledger.frady_again,
    "L8": ledger.esser_digits,
    "L9": ledger.sne_proportion,
    "L10": ledger.microcircuit,
    "L11": ledger.eie_alexnet,
    "L12": ledger.ndp_keyword,
}
