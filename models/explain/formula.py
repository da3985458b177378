"""The formulas of explanations: shown in words, and reckoned anew, so that what is shown is what was computed.

A formula names its parts by place: ``{0}`` is the first child, ``{t2}`` the third column of the table. It is written
with × ÷ − and ^, and knows the few functions of `FUNCTIONS`. No `eval`: its syntax tree is walked.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

PART = re.compile(r"\{(t?\d+)\}")


def _recovers(cash: Any) -> float:
    """The first month boundary at which the running total is no longer negative after it was; NaN without one."""
    total, scale, was_negative = 0.0, math.fsum(abs(float(c)) for c in cash), False
    for number, one in enumerate(cash):
        total += float(one)
        if total < -1e-12 * scale:
            was_negative = True
        elif was_negative and math.isfinite(total) and all(_stays_known(cash)):
            return float(number)
    return math.nan


def _stays_known(cash: Any) -> list[bool]:
    return [math.isfinite(float(c)) for c in cash]


def _first_outflow(cash: Any) -> float:
    return next((float(number) for number, one in enumerate(cash) if one < 0), math.nan)


def _at_least(first: Any, second: Any) -> Any:
    """1 where the first is not less than the second (also where one is not known), else 0."""
    with np.errstate(invalid="ignore"):
        return np.where(np.asarray(first) < np.asarray(second), 0.0, 1.0)


def _within(value: Any, low: Any, high: Any) -> Any:
    """1 from the low end on and before the high end, else 0."""
    return ((np.asarray(value) >= low) & (np.asarray(value) < high)).astype(float)


def _is_zero(value: Any) -> Any:
    """1 where it is zero, else 0."""
    return float(value == 0)


def _recovery_factor(rate: float, years: float) -> float:
    """The yearly charge that recovers one dollar over years at a rate."""
    return rate / (1.0 - (1.0 + rate) ** -years) if rate else 1.0 / years


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sum": lambda values: float(np.sum(values)),
    "mean": lambda values: float(np.mean(values)),
    "floor": np.floor,
    "min": np.minimum,
    "max": np.maximum,
    "at_least": _at_least,
    "within": _within,
    "is_zero": _is_zero,
    "recovers": _recovers,
    "first_outflow": _first_outflow,
    "recovery": _recovery_factor,
    "running": np.cumsum,
    "lowest": lambda values: float(np.min(values)),
}
WORDS = {
    "sum(": "Σ(",
    "mean(": "mean of (",
    "at_least(": "1 where at least (",
    "is_zero(": "1 where zero (",
    "within(": "1 while within (",
    "recovers(": "month end at which the running total is no longer negative (",
    "first_outflow(": "month start of the first outflow (",
    "recovery(": "capital recovery factor (",
    "running(": "running total of (",
    "lowest(": "lowest of (",
}
"""How functions are said on screen."""


def reckoned(formula: str, parts: Mapping[str, Any]) -> Any:
    """What a formula comes to.

    Parameters
    ----------
    formula
        See the module.
    parts
        Numbers and arrays by place: ``0``, ``t2``.

    Raises
    ------
    KeyError
        Where the formula names a part or a function that is not there.

    Examples
    --------
    >>> reckoned("{0} × (1 − {1}) ÷ 2^2", {"0": 100.0, "1": 0.2})
    20.0
    >>> reckoned("sum({t0} × {0})", {"0": 2.0, "t0": np.array([1.0, 3.0])})
    8.0
    """
    with np.errstate(all="ignore"):
        return _walk(_tree(formula), parts)


def said(formula: str, words: Mapping[str, str]) -> str:
    """A formula with its parts in words.

    Examples
    --------
    >>> said("sum({t0} × {0})", {"0": "hashprice", "t0": "hours"})
    'Σ(hours × hashprice)'
    """
    found = PART.sub(lambda match: words[match.group(1)], formula)
    for name, spoken in WORDS.items():
        found = re.sub(rf"\b{re.escape(name)}", spoken, found)
    return found


def parts_of(formula: str) -> tuple[str, ...]:
    """The places that a formula names, each once."""
    return tuple(dict.fromkeys(PART.findall(formula)))


@lru_cache(maxsize=256)
def _tree(formula: str) -> ast.expr:
    text = PART.sub(lambda match: f"p_{match.group(1)}", formula)
    for sign, operator in (("×", "*"), ("÷", "/"), ("−", "-"), ("^", "**")):
        text = text.replace(sign, operator)
    return ast.parse(text, mode="eval").body


def _walk(node: ast.expr, parts: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value=int() | float() as value):
            return float(value)
        case ast.Name(id=name):
            return parts[name.removeprefix("p_")]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_walk(operand, parts)
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return FUNCTIONS[name](*(_walk(a, parts) for a in arguments))
        case ast.BinOp(left=left, op=operator, right=right):
            first, second = _walk(left, parts), _walk(right, parts)
            match operator:
                case ast.Add():
                    return first + second
                case ast.Sub():
                    return first - second
                case ast.Mult():
                    return first * second
                case ast.Div():
                    return np.divide(first, second) if np.ndim(first) or np.ndim(second) else _ratio(first, second)
                case ast.Pow():
                    return first**second
    raise KeyError(ast.dump(node))


def _ratio(first: float, second: float) -> float:
    return float(first) / float(second) if second else math.nan
