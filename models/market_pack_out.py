"""A plan's market as a pack for a colleague, as JSON or CSV; `market_pack` reads both."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from typing import Any

from models.drivers import value_of
from models.evidence import entry_at
from models.market_pack import WRITTEN, PackValue
from models.market_pack_lines import COLUMNS, FORMAT
from models.plan import Plan


def packed_values(plan: Plan) -> tuple[PackValue, ...]:
    """What a pack of the plan's market holds: each value with its own day, where it has another than the market.

    One input may be older than the market's day: a colleague must not take it for a value of that day.
    """
    market, found = plan.market, []
    for path in WRITTEN:
        value = value_of(plan, path)
        if value is None:
            continue
        entry = entry_at(plan, path, date.min)
        is_other = bool(entry.day) and entry.day != market.as_of
        day, source = (entry.day, entry.source) if is_other else (market.as_of, market.source)
        found.append(PackValue(path, value, day, source))
    return tuple(found)


def pack_json(plan: Plan) -> bytes:
    """A plan's market as a pack in JSON.

    Examples
    --------
    >>> from models.market_pack import changes, read_pack
    >>> from models.samples import sample
    >>> pack = read_pack(pack_json(sample("briefing")), "market.json")
    >>> [c.change_fraction for c in changes(sample("briefing"), pack)]
    [0.0, 0.0, 0.0, 0.0]
    """
    about = (plan.market.as_of, plan.market.source)
    values: dict[str, Any] = {
        v.path: v.value if (v.date, v.source) == about else [{"date": v.date, "value": v.value, "source": v.source}]
        for v in packed_values(plan)
    }
    content = {"busbar_market": FORMAT, "as_of": about[0], "source": about[1], "values": values}
    return (json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode()


def pack_csv(plan: Plan) -> bytes:
    """A plan's market as a pack in CSV, one line per value; values are in the fields' own units.

    Examples
    --------
    >>> from models.samples import sample
    >>> pack_csv(sample("briefing")).decode().splitlines()[0]
    'path,value,unit,date,source'
    """
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for v in packed_values(plan):
        rows.writerow([v.path, repr(v.value), "", v.date, v.source])
    return text.getvalue().encode()
