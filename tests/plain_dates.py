"""Months and values over time for the plain models."""

from __future__ import annotations

import math
from typing import Any

NAN = math.nan


def month_number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:]) - 1


def in_month(value: Any, growth: float, m: int, start: str) -> float:
    """A number that grows from the plan's start, or a monthly table that grows on from its last month."""
    if value is None:
        return NAN
    if not hasattr(value, "months"):
        return value * (1 + growth) ** (m / 12)
    now = month_number(start) + m
    at = [month_number(month) for month in value.months]
    held = value.values[0]
    for number, known in zip(at, value.values, strict=True):
        if number <= now:
            held = known
    return held * (1 + growth) ** (max(now - max(at[-1], month_number(start)), 0) / 12)
