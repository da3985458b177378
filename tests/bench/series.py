"""Import of a year of quarter hours: 35,136 lines of a real-time market."""

from __future__ import annotations

import io
from time import perf_counter
from typing import Any

TIMES = 15


def importing() -> dict[str, Any]:
    """From bytes to hours of UTC; beside it what pandas does with the same file when told everything."""
    from models.importers.series import import_series
    from tests.hourly_files import ercot_real_time, readings

    read = readings("2024-01-01", 366, minutes=15)
    data = ercot_real_time(read)
    import_series(data, "warm.csv")
    by_hand(data)
    found, compared = [], []
    for _ in range(TIMES):
        found.append(_timed(lambda: import_series(data, "rt.csv")))
        compared.append(_timed(lambda: by_hand(data)))
    return {
        "samples": found,
        "beside": {"pandas by hand, without clock changes": compared},
        "note": f"{len(read):,} lines, {len(data) / 1e6:.1f} MB",
    }


def by_hand(data: bytes) -> Any:
    """The mean of every hour as a notebook would have it: no clock changes, no checks."""
    import pandas as pd

    table = pd.read_csv(io.BytesIO(data))
    day = pd.to_datetime(table["DeliveryDate"], format="%m/%d/%Y")
    hour = day + pd.to_timedelta(table["DeliveryHour"] - 1, unit="h")
    return table.groupby(hour)["SettlementPointPrice"].mean()


def _timed(job: Any) -> float:
    began = perf_counter()
    job()
    return (perf_counter() - began) * 1e3
