"""The document for those who query the plan file: no column without its words, no query that does not run."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from models.evaluate import evaluate
from models.plan import Plan
from models.samples import sample
from models.storage.described import QUERIES, plan_file_document
from models.storage.plan_file import save_plan
from models.storage.plan_tables import RESULT_TABLES
from models.storage.result_columns import MEANINGS, NEGATIVE, POSITIVE


@pytest.fixture(params=["briefing", "own-gpus", "flexible", "three-sites"])
def plan(request: pytest.FixtureRequest) -> Plan:
    return sample(request.param)


@pytest.fixture
def saved(plan: Plan, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A sample's file, as any program opens it."""
    path = tmp_path / "Example.busbar"
    save_plan(plan, path, evaluate(plan))
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        yield connection


def test_that_the_document_that_ships_is_the_one_of_this_version(root: Path) -> None:
    shipped = (root / "resources" / "help" / "plan-file.md").read_text(encoding="utf-8")
    assert shipped == plan_file_document(), "write resources/help/plan-file.md anew with plan_file_document()"
    assert "plan-file.md" in (root / "README.md").read_text(encoding="utf-8")


def test_that_every_table_and_column_of_the_file_is_described(saved: sqlite3.Connection) -> None:
    document = plan_file_document()
    tables = [name for (name,) in saved.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    assert len(tables) > 15
    for table in tables:
        section = document.split(f"### {table}\n")[1].split("\n### ")[0]
        for column in [row[1] for row in saved.execute(f'PRAGMA table_info("{table}")')]:
            if column != "position":
                assert f"`{column}`" in section, f"{table}.{column}"


def test_that_the_result_tables_have_the_columns_that_are_described_in_their_order(saved: sqlite3.Connection) -> None:
    assert tuple(MEANINGS) == RESULT_TABLES
    for table, meanings in MEANINGS.items():
        columns = [row[1] for row in saved.execute(f'PRAGMA table_info("{table}")')]
        assert columns == ["position", *meanings]


def test_that_units_are_those_that_the_columns_names_end_in() -> None:
    spelled = {
        "USD/MW-year": "usd_per_mw_year",
        "USD/MW": "usd_per_mw",
        "USD/MWh": "usd_per_mwh",
        "USD/BTC": "btc_price_usd",
        "USD/PH/day": "usd_per_ph_day",
        "USD/IT kW-month": "usd_per_it_kw_month",
        "USD/GPU-hour": "usd_per_gpu_hour",
        "MWh/MW": "mwh_per_mw",
        "MW": "mw",
        "fraction": "fraction",
        "months": "months",
    }
    for meanings in MEANINGS.values():
        for column, meaning in meanings.items():
            if meaning.unit:
                assert column.endswith(spelled[meaning.unit]), column
            else:
                assert column in {
                    *("id", "name", "kind", "site_id", "use_id", "month", "asic_id", "offer_id", "basis", "reason"),
                }


def test_that_signs_are_as_described(saved: sqlite3.Connection) -> None:
    for table, meanings in MEANINGS.items():
        for column, meaning in meanings.items():
            low, high = saved.execute(f'SELECT min("{column}"), max("{column}") FROM "{table}"').fetchone()
            if meaning.sign == POSITIVE and low is not None:
                assert low >= 0, column
            if meaning.sign == NEGATIVE and high is not None:
                assert high <= 0, column


def test_that_costs_are_positive_per_mw_and_negative_in_the_months(saved: sqlite3.Connection) -> None:
    paid = saved.execute(
        "SELECT p.id, p.capex_usd_per_mw, sum(c.capex_usd_per_mw) FROM per_mw AS p "
        "JOIN cash_flow_monthly AS c ON c.use_id = p.id GROUP BY p.id HAVING p.capex_usd_per_mw > 0"
    ).fetchall()
    assert paid
    for _, stated, months in paid:
        assert stated == pytest.approx(-months)
    apart = saved.execute(
        "SELECT max(abs(free_cash_usd_per_mw - revenue_usd_per_mw - power_usd_per_mw - opex_usd_per_mw "
        "- capex_usd_per_mw - residual_usd_per_mw)) FROM cash_flow_monthly"
    ).fetchone()[0]
    assert apart < 1e-6


@pytest.mark.parametrize(("title", "sql"), QUERIES, ids=[title for title, _ in QUERIES])
def test_that_every_query_runs_on_a_saved_plan(title: str, sql: str, saved: sqlite3.Connection) -> None:
    found = saved.execute(sql)
    assert found.description
    found.fetchall()
    assert f"```sql\n{sql}\n```" in plan_file_document()


def test_that_the_queries_answer_what_they_say(tmp_path: Path) -> None:
    plan = sample("briefing")
    results = evaluate(plan)
    path = tmp_path / "Example.busbar"
    save_plan(plan, path, results)
    with closing(sqlite3.connect(path)) as connection:
        best, cash, distances, standing = (connection.execute(sql).fetchall() for _, sql in QUERIES)
    assert [row[0] for row in best] == [u.name for u in sorted(results.uses, key=lambda u: -u.npv_usd_per_mw)]
    by_year = {(row[0], row[1]): row[2] for row in cash}
    lots = [u for u in results.uses if u.kind == "asic"]
    first = [k for k, month in enumerate(results.dates.months) if month.startswith("2026")]
    assert by_year["2026", "asic"] == pytest.approx(sum(u.mw * u.cash.free_cash[first].sum() for u in lots))
    nearest = results.crossover("a1", "o1", "npv")
    assert nearest is not None
    row = next(r for r in distances if r[0] == "Antminer S21" and r[1] == results.by_id["o1"].name)
    assert row[4] == pytest.approx(nearest.btc_price_usd / 70_169.0 - 1, abs=1e-3)
    assert {row[0] for row in standing} <= {u.name for u in lots}
