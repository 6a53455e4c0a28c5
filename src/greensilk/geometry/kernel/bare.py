"""Shapes whose arrays nobody counts the holders of.

Each time a compiled function takes an array out of a record it counts one holder more, and one less when it is done:
with atomic operations that took most of the time of small searches. An array that knows no owner is not counted.
Whoever calls a compiled function from Python holds the arrays meanwhile.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core.extending import intrinsic
from numba.np.arrayobj import make_array

from greensilk.geometry.kernel.compiled import inlined
from greensilk.geometry.shapes import Shapes


@intrinsic
def uncounted(typing_context: Any, array: Any) -> Any:
    """The same array without its owner."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        made = make_array(signature.return_type)(context, builder, value=arguments[0])
        made.meminfo = ir.Constant(made.meminfo.type, None)
        made.parent = ir.Constant(made.parent.type, None)
        return made._getvalue()

    return array(array), generate


@inlined
def bare(shapes):
    """The same shapes, uncounted."""
    return Shapes(
        uncounted(shapes.lon),
        uncounted(shapes.lat),
        uncounted(shapes.x),
        uncounted(shapes.y),
        uncounted(shapes.ring_start),
        uncounted(shapes.part_start),
        uncounted(shapes.part_kind),
        uncounted(shapes.part_owner),
        uncounted(shapes.part_area_m2),
        uncounted(shapes.chunk_start),
        uncounted(shapes.chunk_box),
        uncounted(shapes.block_start),
        uncounted(shapes.block_box),
        uncounted(shapes.node_box),
        uncounted(shapes.level_start),
    )
