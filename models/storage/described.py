"""What the tables of a plan file hold, in words: the document that ships for those who query it with SQL.

``resources/help/plan-file.md`` is made by `plan_file_document` (a test holds the one against the other), so that no
column is without its unit and none is described that is not there.
"""

from __future__ import annotations

from collections.abc import Iterator

from models.fields import Choice, Field, Flag, Hourly, MonthField, Quantity, fields_of
from models.plan import RECORD_TYPES, SINGLE_RECORDS
from models.storage.plan_tables import (
    FROM_HOUR,
    META,
    OVERRIDES,
    RESULT_TABLES,
    SCHEDULES,
    record_columns,
)
from models.storage.result_columns import MEANINGS, ColumnMeaning

INTRODUCTION = """\
# The plan file, for those who query it

A plan file (`.busbar`) is one SQLite database. Any SQLite program opens it: the `sqlite3` shell, DB Browser for SQLite,
Python, a spreadsheet's ODBC driver. It holds the question (the records that you edit) and the answer (three tables of
results, written at every save). Read it as you like; do not write to it. Busbar refuses a file whose content another
program has changed, because the digest in `meta` no longer fits: work on a copy, or export what you need.

    sqlite3 -readonly "Example.busbar" "SELECT name, npv_usd_per_mw FROM per_mw"

## Conventions

- Every column is named after its unit. Money is nominal USD. Fractions are 0…1, never per cent.
- **Per MW** means per *utility* megawatt: metered at the site, before cooling and losses. Multiply by
  `per_mw.mw` for the whole use.
- Machines and offers of a site are alternatives for the same megawatts: compare them, do not add them.
- Months are `YYYY-MM`, days `YYYY-MM-DD`. A number that cannot be computed is NULL, never 0.
- **Signs.** In `per_mw` costs are positive. In `cash_flow_monthly` money out is *negative*, so that lines add up.
- The results are those of the base case; `meta` says so as `results_scenario`. It also has the plan's digest, the
  program's version and the time of the save.
- `position` is the primary key of every table and keeps the order of its rows.
"""

RESULTS_ABOUT = {
    "per_mw": "One row for every use of a megawatt: machine lots, leases, own GPUs.",
    "cash_flow_monthly": "One row for every use and month of the plan. Outflows are negative.",
    "crossovers": "Where a machine lot and an AI offer of the same site are worth the same, one row for each basis.",
}

QUERIES: tuple[tuple[str, str], ...] = (
    (
        "What every use earns, best first, in USD and for the whole use",
        """\
SELECT p.name, s.name AS site, p.mw, p.npv_usd_per_mw, p.npv_usd_per_mw * p.mw AS npv_usd
FROM per_mw AS p JOIN sites AS s ON s.id = p.site_id
ORDER BY p.npv_usd_per_mw DESC;""",
    ),
    (
        "Free cash by calendar year, all uses as they stand, in USD",
        """\
SELECT substr(c.month, 1, 4) AS year, p.kind, sum(c.free_cash_usd_per_mw * p.mw) AS free_cash_usd
FROM cash_flow_monthly AS c JOIN per_mw AS p ON p.id = c.use_id
GROUP BY year, p.kind ORDER BY year, p.kind;""",
    ),
    (
        "How far the BTC price is from the price at which an offer and a lot are worth the same",
        """\
SELECT a.model, o.name, x.basis, x.btc_price_usd, x.btc_price_usd / m.btc_price_usd - 1 AS distance_fraction
FROM crossovers AS x
JOIN asic_lots AS a ON a.id = x.asic_id
JOIN ai_offers AS o ON o.id = x.offer_id
JOIN market AS m
WHERE x.basis = 'npv' AND x.btc_price_usd IS NOT NULL
ORDER BY abs(distance_fraction);""",
    ),
    (
        "Months in which machines stand still",
        """\
SELECT p.name, count(*) AS months, min(c.month) AS first, max(c.month) AS last
FROM cash_flow_monthly AS c JOIN per_mw AS p ON p.id = c.use_id
WHERE p.kind = 'asic' AND c.energy_mwh_per_mw = 0
GROUP BY p.id;""",
    ),
)
"""Title and SQL; a test runs them on a saved sample."""

OTHER_TABLES = f"""\
### {SCHEDULES}

Monthly tables that stand in place of one number, whose own column is then NULL: `path`
(`ai_offers.o1.rent_usd_per_it_kw_month`), `month` (`YYYY-MM`, from which the value holds until the next one), `value`
in the unit of that column.

### {OVERRIDES}

What scenarios change: `scenario_id` (`scenarios.id`), `path`, and `value_json`, the value as JSON.

### {META}

`key` and `value`: `digest`, `program`, `saved_at` (UTC), `results_scenario`.
"""


def plan_file_document() -> str:
    """The document as Markdown."""
    return "\n".join(
        [
            INTRODUCTION,
            "## Results\n",
            *_results(),
            "## Queries to start from\n",
            *(f"{title}:\n\n```sql\n{sql}\n```\n" for title, sql in QUERIES),
            "## Records\n",
            "What you edit. Where a table belongs to a site, `site_id` says to which.\n",
            *_records(),
            OTHER_TABLES.rstrip("\n"),
            "",
        ]
    )


def _results() -> Iterator[str]:
    for name in RESULT_TABLES:
        yield f"### {name}\n\n{RESULTS_ABOUT[name]}\n"
        yield "| column | unit | sign | meaning |\n|---|---|---|---|"
        yield "\n".join(_result_row(column, meaning) for column, meaning in MEANINGS[name].items()) + "\n"


def _result_row(column: str, meaning: ColumnMeaning) -> str:
    return f"| `{column}` | {_cell(meaning.unit)} | {_cell(meaning.sign)} | {_cell(meaning.meaning)} |"


def _records() -> Iterator[str]:
    for name, record in RECORD_TYPES.items():
        rows = "one row" if name in SINGLE_RECORDS else "a row each"
        said = (record.__doc__ or "").strip().partition("\n")[0]
        yield f"### {name}\n\n{said} ({rows})\n"
        yield "| column | type | unit | meaning |\n|---|---|---|---|"
        by_name = {f.name: f for f in fields_of(record)}
        lines = []
        for column in record_columns(name):
            field = by_name.get(column.name) or by_name.get(column.name.removesuffix(FROM_HOUR))
            unit, meaning = _meaning(column.name, field)
            kind = column.kind + (", may be NULL" if column.nullable else "")
            lines.append(f"| `{column.name}` | {kind} | {_cell(unit)} | {_cell(meaning)} |")
        yield "\n".join(lines) + "\n"


def _meaning(column: str, field: Field | None) -> tuple[str, str]:
    if field is None:
        return "", "Id, unique in the plan."
    if column.endswith(FROM_HOUR):
        return "", f"{field.label}: beginning of its first hour, UTC."
    match field.spec:
        case Quantity(unit=unit, schedule=schedule):
            table = f" A monthly table stands in `{SCHEDULES}`." if schedule else ""
            return unit, f"{field.label}. {field.spec.help}{table}"
        case Hourly(unit=unit):
            return unit, f"{field.label}: little-endian doubles, one an hour; NaN for a missing one."
        case Choice(options=options):
            words = ", ".join(f"`{stored}` {label}" for stored, label in options if stored is not None)
            return "", f"{field.label}: {words}."
        case Flag():
            return "", f"{field.label}: 0 no, 1 yes. {field.spec.help}"
        case MonthField():
            return "", f"{field.label}, `YYYY-MM`. {field.spec.help}"
    return "", f"{field.label}. {getattr(field.spec, 'help', '')}"


def _cell(text: str) -> str:
    # Qt's reader of Markdown joins an empty cell with the one before it.
    return " ".join(text.replace("|", "\\|").split()) or "–"
