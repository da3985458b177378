"""An hourly series: consecutive hours of UTC, so that clock changes can neither hide nor repeat one."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

HOUR = datetime.timedelta(hours=1)
MAX_HOURS = 40 * 8_784


@dataclass(frozen=True, eq=False, slots=True)
class HourlyValues:
    """Numbers of consecutive hours.

    Attributes
    ----------
    first_hour_utc
        Beginning of the first hour, ``YYYY-MM-DDTHH:00Z``.
    values
        One per hour, read-only, shape (H,); NaN where the source has a gap.

    Raises
    ------
    ValueError
        Where the first hour is no full hour of UTC, or there is no value, too many, or an infinite one; the sentence
        says which.
    """

    first_hour_utc: str
    values: NDArray[np.float64]
    _digest: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        _hour_of(self.first_hour_utc)
        # Always a copy: who made the series must not be able to change it afterwards.
        values = np.array(self.values, dtype=np.float64)
        if values.ndim != 1 or not 0 < len(values) <= MAX_HOURS:
            raise ValueError(f"an hourly series holds 1 to {MAX_HOURS} hours")
        if np.isinf(values).any() or np.isnan(values).all():
            raise ValueError("an hourly series needs finite values")
        values += 0.0  # −0.0 equals 0.0 and must not look different
        values.flags.writeable = False
        object.__setattr__(self, "values", values)
        made = blake2b(self.first_hour_utc.encode(), digest_size=16)
        made.update(values.tobytes())
        object.__setattr__(self, "_digest", made.digest())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, HourlyValues) and self._digest == other._digest

    def __hash__(self) -> int:
        return hash(self._digest)

    def __len__(self) -> int:
        return len(self.values)

    @property
    def first_hour(self) -> datetime.datetime:
        """Beginning of the first hour, aware, in UTC."""
        return _hour_of(self.first_hour_utc)

    @property
    def last_hour(self) -> datetime.datetime:
        """Beginning of the last hour, aware, in UTC."""
        return self.first_hour + HOUR * (len(self.values) - 1)


def _hour_of(text: str) -> datetime.datetime:
    try:
        return datetime.datetime.strptime(text, "%Y-%m-%dT%H:00Z").replace(tzinfo=datetime.UTC)
    except (TypeError, ValueError):
        raise ValueError(f"{text!r} is not an hour of UTC; write it as 2024-01-01T06:00Z") from None


def hour_text(hour: datetime.datetime) -> str:
    """An aware hour as `HourlyValues` names it.

    Examples
    --------
    >>> hour_text(datetime.datetime(2024, 1, 1, 0, tzinfo=datetime.timezone(-6 * HOUR)))
    '2024-01-01T06:00Z'
    """
    return hour.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:00Z")
