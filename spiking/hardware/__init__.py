"""From counts to joules: chips as data, prices with sources, bills that keep their lines."""

from spiking.hardware.bill import Bill, Line
from spiking.hardware.chip import Chip, Constant, chip_names, load_chip
from spiking.hardware.nonideal import quantise
from spiking.hardware.price import price

__all__ = ["Bill", "Chip", "Constant", "Line", "chip_names", "load_chip", "price", "quantise"]
