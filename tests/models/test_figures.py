"""Every figure has a path, a name and a unit, and reads what the results say."""

from __future__ import annotations

import math

import pytest

from models.evaluate import evaluate
from models.figures import USE_KINDS, figure, figure_paths, is_known
from models.results import USE_FIGURES
from models.samples import sample
from models.units import unit_label


@pytest.mark.parametrize("name", ["briefing", "three-sites", "own-gpus", "flexible"])
def test_that_every_path_leads_to_a_named_figure(name: str) -> None:
    plan = sample(name)
    results = evaluate(plan)
    paths = figure_paths(plan, results)
    assert len(set(paths)) == len(paths)
    for path in paths:
        found = figure(plan, results, path)
        assert found.kind.label
        assert found.label.startswith(found.kind.label)
        assert unit_label(found.kind.unit)
        assert is_known(found) == math.isfinite(found.value)


def test_that_figures_are_those_of_the_json() -> None:
    plan = sample("three-sites")
    results = evaluate(plan)
    assert set(USE_KINDS) == set(USE_FIGURES)
    for row in results.to_json()["uses"]:
        for name in USE_FIGURES:
            value = figure(plan, results, f"uses.{row['id']}.{name}").value
            assert (None if math.isnan(value) else value) == row[name]
    row = results.to_json()["crossovers"][0]
    path = f"crossovers.{row['asic_id']}.{row['offer_id']}.{row['basis']}.btc_price_usd"
    assert figure(plan, results, path).value == row["btc_price_usd"]


@pytest.mark.parametrize(
    "path", ["", "uses.a1", "uses.x.mw", "uses.a1.mass", "market.mass", "sites.x.gain_usd", "crossovers.a1.o1.cash.x"]
)
def test_that_an_unknown_figure_is_a_key_error(path: str) -> None:
    plan = sample("briefing")
    with pytest.raises(KeyError):
        figure(plan, evaluate(plan), path)
