"""What :mod:`spiking` offers, for type checkers and editors; ``__init__.py`` loads it when first used."""

from spiking.bridges.nir import load as load_network
from spiking.bridges.nir import save as save
from spiking.core.coding.decode import Assigned as Assigned
from spiking.core.coding.decode import FirstSpike as FirstSpike
from spiking.core.coding.decode import Membrane as Membrane
from spiking.core.coding.decode import SpikeCount as SpikeCount
from spiking.core.coding.encode import Delta as Delta
from spiking.core.coding.encode import Direct as Direct
from spiking.core.coding.encode import Events as Events
from spiking.core.coding.encode import Latency as Latency
from spiking.core.coding.encode import Poisson as Poisson
from spiking.core.counts import Counts as Counts
from spiking.core.counts import count as count
from spiking.core.errors import SpikingError as SpikingError
from spiking.core.network import Network as Network
from spiking.core.neurons import ALIF as ALIF
from spiking.core.neurons import LI as LI
from spiking.core.neurons import LIF as LIF
from spiking.core.neurons import ConductanceLIF as ConductanceLIF
from spiking.core.neurons import Discretisation as Discretisation
from spiking.core.neurons import Linear as Linear
from spiking.core.neurons import ReLU as ReLU
from spiking.core.parts import Connection as Connection
from spiking.core.parts import Input as Input
from spiking.core.parts import Output as Output
from spiking.core.parts import Population as Population
from spiking.core.progress import Progress as Progress
from spiking.core.trace import Trace as Trace
from spiking.data.dataset import Dataset as Dataset
from spiking.data.load import load as load
from spiking.hardware import Bill as Bill
from spiking.hardware import Chip as Chip
from spiking.hardware import chip_names as chip_names
from spiking.hardware import load_chip as load_chip
from spiking.hardware import price as price
from spiking.hardware.effects.quantise import quantise as quantise
from spiking.learn.convert import convert as convert
from spiking.learn.fit import FitConfig as FitConfig
from spiking.learn.fit import fit as fit
from spiking.learn.stdp import train_stdp as train_stdp
from spiking.simulate import run as run
from spiking.study import figures as plot
from spiking.study.compare import compare as compare
from spiking.study.contenders.estimators import ConvertedClassifier as ConvertedClassifier
from spiking.study.contenders.estimators import MLPClassifier as MLPClassifier
from spiking.study.contenders.estimators import SpikingClassifier as SpikingClassifier
from spiking.study.contenders.estimators import STDPClassifier as STDPClassifier
from spiking.study.screen.bars import Bars as bars
from spiking.study.sweep.sweep import sweep as sweep

__version__: str
__all__ = [
    "ALIF",
    "LI",
    "LIF",
    "Assigned",
    "Bill",
    "Chip",
    "ConductanceLIF",
    "Connection",
    "ConvertedClassifier",
    "Counts",
    "Dataset",
    "Delta",
    "Direct",
    "Discretisation",
    "Events",
    "FirstSpike",
    "Input",
    "Latency",
    "Linear",
    "MLPClassifier",
    "Membrane",
    "Network",
    "Output",
    "Poisson",
    "Population",
    "Progress",
    "ReLU",
    "STDPClassifier",
    "SpikeCount",
    "SpikingClassifier",
    "SpikingError",
    "Trace",
    "bars",
    "chip_names",
    "compare",
    "convert",
    "count",
    "fit",
    "load",
    "load_chip",
    "load_network",
    "plot",
    "price",
    "quantise",
    "run",
    "save",
    "sweep",
    "train_stdp",
]
