"""A tile: 16 values of a row in vector registers, as a type of the compiled loops.

Loops over arrays leave it to the compiler to find vectors, and arrays that might overlap or an index
that might be negative keep it from doing so. A tile is loaded, computed with and stored as one value:
``+ - * /``, comparisons and ``where`` (``step.py``) act on all its lanes, so that one equation serves single
numbers and tiles. Rows are padded to whole tiles (``LANES``).
"""

from __future__ import annotations

import operator
from typing import Any

from llvmlite import ir
from numba import types
from numba.core.cgutils import true_bit
from numba.core.datamodel.models import PrimitiveModel
from numba.extending import intrinsic, overload, register_model

from spiking.kernels.step import where as where  # with it come its forms for compiled loops, below

LANES = 16
WORD = 64  # steps, or units, in a word of spikes kept as bits
FLOATS = {32: ir.FloatType(), 64: ir.DoubleType()}


class Tile(types.Type):
    """``LANES`` numbers of ``dtype`` (float32 or float64)."""

    def __init__(self, dtype: Any) -> None:
        self.dtype = dtype
        super().__init__(name=f"Tile({dtype})")


class Choice(types.Type):
    """``LANES`` truth values, the outcome of a comparison of tiles."""

    def __init__(self) -> None:
        super().__init__(name="Choice")


CHOICE = Choice()


def _instruction(generator: Any) -> Any:
    """numba's ``intrinsic``, for the type checker: what loops call takes no typing context."""
    return intrinsic(generator)


@register_model(Tile)
class TileModel(PrimitiveModel):
    """A tile is a vector of the compiler."""

    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, ir.VectorType(FLOATS[kind.dtype.bitwidth], LANES))  # type: ignore[no-untyped-call]


@register_model(Choice)
class ChoiceModel(PrimitiveModel):
    """A choice is a vector of bits."""

    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, ir.VectorType(ir.IntType(1), LANES))  # type: ignore[no-untyped-call]


def _place(context: Any, builder: Any, kind: Any, array: Any, at: Any, vector: Any) -> Any:
    """Pointer to ``array[at:at + LANES]`` as ``vector``."""
    data = context.make_array(kind)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [at]), vector.as_pointer())


@_instruction
def take(typingctx, array, at):  # type: ignore[no-untyped-def]
    """The tile ``array[at:at + LANES]`` of a contiguous array; the index counts its flat elements."""
    made = Tile(array.dtype)

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        vector = ir.VectorType(FLOATS[array.dtype.bitwidth], LANES)
        place = _place(context, builder, signature.args[0], args[0], args[1], vector)
        return builder.load(place, align=array.dtype.bitwidth // 8)

    return made(array, types.intp), generate


@_instruction
def put(typingctx, array, at, tile):  # type: ignore[no-untyped-def]
    """``array[at:at + LANES] = tile``."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        place = _place(context, builder, signature.args[0], args[0], args[1], args[2].type)
        builder.store(args[2], place, align=array.dtype.bitwidth // 8)
        return context.get_dummy_value()

    return types.void(array, types.intp, tile), generate


@_instruction
def put_choice(typingctx, array, at, choice):  # type: ignore[no-untyped-def]
    """``array[at:at + LANES] = choice`` as int8, 1 for true."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        vector = ir.VectorType(ir.IntType(8), LANES)
        place = _place(context, builder, signature.args[0], args[0], args[1], vector)
        builder.store(builder.zext(args[2], vector), place, align=1)
        return context.get_dummy_value()

    return types.void(array, types.intp, choice), generate


@_instruction
def put_bits(typingctx, array, at, choice):  # type: ignore[no-untyped-def]
    """``array[at]`` (``uint16``) gets a bit per lane, the lowest for the first."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        builder.store(builder.bitcast(args[2], ir.IntType(LANES)), builder.gep(data, [args[1]]))
        return context.get_dummy_value()

    return types.void(array, types.intp, choice), generate


@_instruction
def spread(typingctx, number):  # type: ignore[no-untyped-def]
    """A tile that holds ``number`` in all lanes."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        vector = ir.VectorType(args[0].type, LANES)
        first = builder.insert_element(ir.Constant(vector, ir.Undefined), args[0], ir.IntType(32)(0))
        zeros = ir.Constant(ir.VectorType(ir.IntType(32), LANES), None)
        return builder.shuffle_vector(first, ir.Constant(vector, ir.Undefined), zeros)

    return Tile(number)(number), generate


@_instruction
def magnitude(typingctx, tile):  # type: ignore[no-untyped-def]
    """Absolute values."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        bits = tile.dtype.bitwidth
        vector = ir.VectorType(ir.IntType(bits), LANES)
        below_sign = ir.Constant(vector, [(1 << (bits - 1)) - 1] * LANES)
        return builder.bitcast(builder.and_(builder.bitcast(args[0], vector), below_sign), args[0].type)

    return tile(tile), generate


@_instruction
def fused(typingctx, a, b, c):  # type: ignore[no-untyped-def]
    """``a b + c``, rounded once."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        vector = args[0].type
        name = f"llvm.fma.v{LANES}f{a.dtype.bitwidth}"
        found = builder.module.globals.get(name)
        return builder.call(
            found or ir.Function(builder.module, ir.FunctionType(vector, [vector] * 3), name), args
        )

    return a(a, b, c), generate


@_instruction
def pick(typingctx, choice, yes, no):  # type: ignore[no-untyped-def]
    """``yes`` in lanes where ``choice`` is true, ``no`` elsewhere."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.select(*args)

    return yes(choice, yes, no), generate


@_instruction
def lowest_bit(typingctx, word):  # type: ignore[no-untyped-def]
    """Number of the lowest bit set in a ``uint64`` that is not 0."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.cttz(args[0], true_bit)

    return types.int64(types.uint64), generate


@_instruction
def bits_set(typingctx, word):  # type: ignore[no-untyped-def]
    """How many bits of a ``uint64`` are set."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.ctpop(args[0])

    return types.int64(types.uint64), generate


def _binary(name: str) -> Any:
    """An intrinsic for one vector instruction on two tiles."""

    @_instruction
    def instruction(typingctx, a, b):  # type: ignore[no-untyped-def]
        def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
            return getattr(builder, name)(*args)

        return a(a, b), generate

    return instruction


def _comparison(sign: str) -> Any:
    @_instruction
    def instruction(typingctx, a, b):  # type: ignore[no-untyped-def]
        def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
            return builder.fcmp_ordered(sign, *args)

        return CHOICE(a, b), generate

    return instruction


def _overloaded(function: Any, instruction: Any) -> None:
    @overload(function)
    def on_tiles(a, b):  # type: ignore[no-untyped-def]
        return (lambda a, b: instruction(a, b)) if isinstance(a, Tile) and a == b else None


for _function, _name in (
    (operator.add, "fadd"),
    (operator.sub, "fsub"),
    (operator.mul, "fmul"),
    (operator.truediv, "fdiv"),
):
    _overloaded(_function, _binary(_name))
for _function, _name in ((operator.gt, ">"), (operator.ge, ">="), (operator.lt, "<")):
    _overloaded(_function, _comparison(_name))


@overload(abs)
def _abs(tile):  # type: ignore[no-untyped-def]
    return (lambda tile: magnitude(tile)) if isinstance(tile, Tile) else None


@overload(where)
def _where(condition, yes, no):  # type: ignore[no-untyped-def]
    if isinstance(yes, Tile):
        return lambda condition, yes, no: pick(condition, yes, no)
    return lambda condition, yes, no: yes if condition else no
