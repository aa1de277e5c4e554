"""From counts to joules: chips as data, prices with sources, bills that keep their lines."""

from spiking.hardware.bill import Bill, Line
from spiking.hardware.chip import Chip, Constant
from spiking.hardware.effects.quantise import quantise
from spiking.hardware.price import price
from spiking.hardware.registry import add_chip, chip_names, load_chip, register_chip

__all__ = [
    "Bill",
    "Chip",
    "Constant",
    "Line",
    "add_chip",
    "chip_names",
    "load_chip",
    "price",
    "quantise",
    "register_chip",
]
