"""Put an imported series into a plan: a new one, or new values of one that is there."""

from __future__ import annotations

from dataclasses import replace

from models.importers.results import storable, storable_name
from models.importers.series.outcome import METER, SeriesImport
from models.plan import ID_PREFIXES, Plan, new_id
from models.problems import PlanFileError
from models.records.series import HOURLY, MeterSeries, PriceSeries


def with_series(
    plan: Plan, found: SeriesImport, filename: str, into: str | None = None, as_of: str = ""
) -> tuple[Plan, str]:
    """A plan with the series, and the series' id.

    Parameters
    ----------
    plan
        Not changed.
    found
        With a series.
    filename
        Named as the source.
    into
        Id of the series whose values are replaced; for a meter also the site that gets a new one. None for a new one.
    as_of
        The day of the import, ``YYYY-MM-DD``.

    Raises
    ------
    PlanFileError
        Where the file was not understood, there is nothing to import into, or no plan could hold the series.
    """
    filename = storable_name(filename)
    if found.series is None:
        raise PlanFileError("its columns are not understood", filename, "say which is the date, the hour and the value")
    source = ", ".join(part for part in (found.market, found.location, filename) if part)
    with_kind = _with_meter if found.kind == METER else _with_prices
    after, series_id = with_kind(plan, found, filename, into, source, as_of)
    return storable(after, filename), series_id


def _with_prices(
    plan: Plan, found: SeriesImport, filename: str, into: str | None, source: str, as_of: str
) -> tuple[Plan, str]:
    old = next((series for series in plan.price_series if series.id == into), None)
    if into is not None and old is None:
        have = ", ".join(series.id for series in plan.price_series) or "none yet"
        raise PlanFileError(f"the plan has no price series {into!r}", filename, f"its price series are: {have}")
    if old is not None and old.kind != HOURLY:
        raise PlanFileError(f"{old.name!r} is a price-duration table", filename, "import the prices as a new series")
    new = replace(
        old or PriceSeries(new_id(plan, ID_PREFIXES["price_series"]), name_of(found, filename)),
        time_zone=found.time_zone,
        hourly_usd_per_mwh=found.series,
        source=source,
        as_of=as_of,
    )
    kept = tuple(new if series.id == new.id else series for series in plan.price_series)
    return replace(plan, price_series=kept if old else (*plan.price_series, new)), new.id


def _with_meter(
    plan: Plan, found: SeriesImport, filename: str, into: str | None, source: str, as_of: str
) -> tuple[Plan, str]:
    old = next((series for series in plan.meter_series if series.id == into), None)
    sites = [site.id for site in plan.sites if into is None or site.id == into]
    if old is None and len(sites) != 1:
        have = ", ".join([*(s.id for s in plan.sites), *(m.id for m in plan.meter_series)]) or "none"
        what = "the plan has several sites" if into is None and sites else f"the plan has no site or meter {into!r}"
        if not plan.sites:
            what = "the plan has no site whose meter it could be"
        raise PlanFileError(what, filename, f"say which one it belongs to: {have}")
    new = replace(
        old or MeterSeries(new_id(plan, ID_PREFIXES["meter_series"]), sites[0], name_of(found, filename)),
        time_zone=found.time_zone,
        hourly_mwh=found.series,
        source=source,
        as_of=as_of,
    )
    kept = tuple(new if series.id == new.id else series for series in plan.meter_series)
    return replace(plan, meter_series=kept if old else (*plan.meter_series, new)), new.id


def name_of(found: SeriesImport, filename: str) -> str:
    """What a new series is called: market, hub and years, or the file."""
    parts = [part for part in (found.market, found.location) if part]
    if found.first is not None and found.last is not None:
        years = sorted({found.first.year, found.last.year})
        parts.append("–".join(str(year) for year in years))
    named = found.market or found.location
    return " ".join(parts) if named else filename.rpartition(".")[0] or filename
