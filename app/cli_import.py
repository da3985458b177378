"""`busbar import`: records from a table, and hourly series from a file of prices or of a meter."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

from app.cli_plan import WrongCallError, load, print_json, refuse_json, save
from app.today import today
from models.plan import Plan
from models.problems import PlanFileError
from models.storage.disk import read_whole

FILE_LIMIT_BYTES = 200_000_000
SERIES = ("prices", "meter")
KINDS = ("fleet", "contracts", "offers", "market", "actuals", *SERIES)


def import_file(options: argparse.Namespace) -> None:
    """Take what a user's file holds into a plan."""
    plan = load(options.plan)
    _check_call(options, plan)
    data = read_whole(options.file, FILE_LIMIT_BYTES)
    if options.kind in SERIES:
        import_series_of(options, plan, data)
    elif options.kind == "market":
        import_market_of(options, plan, data)
    else:
        import_records_of(options, plan, data)


def _check_call(options: argparse.Namespace, plan: Plan) -> None:
    """Refuse what the kind of import does not know, before the file is read."""
    if not options.dry_run:
        refuse_json(Path(options.plan))
    if options.options and options.kind not in SERIES:
        raise WrongCallError(f"--option: {options.kind} has no options; leave it out.")
    sites = tuple(site.id for site in plan.sites)
    what, known = {
        "prices": ("price series", tuple(series.id for series in plan.price_series)),
        "meter": ("meter or site", (*(series.id for series in plan.meter_series), *sites)),
        "market": ("place for market figures", ()),
    }.get(options.kind, ("site", sites))
    if options.into is not None and options.into not in known:
        remedy = f"choose one of {', '.join(known)}" if known else "leave it out"
        raise WrongCallError(f"--into: the plan has no {what} {options.into!r}; {remedy}.")


def import_market_of(options: argparse.Namespace, plan: Plan, data: bytes) -> None:
    """Take market values from a pack, or from a table of them."""
    from models.market_pack import is_pack

    if is_pack(data, Path(options.file).name):
        import_pack(options, plan, data)
    else:
        import_records_of(options, plan, data)


def import_pack(options: argparse.Namespace, plan: Plan, data: bytes) -> None:
    """Take a market pack."""
    from app.printout import pack_text
    from models.market_pack import apply_pack, changes, read_pack

    pack = read_pack(data, Path(options.file).name)
    found = changes(plan, pack)
    after = apply_pack(plan, pack)  # also in a dry run, so that it says what the run itself would say
    if options.json:
        rows = [
            {
                "path": c.path,
                "now": None if math.isnan(c.now) else c.now,
                "new": c.new,
                "change_fraction": None if math.isnan(c.change_fraction) else c.change_fraction,
                "date": c.date,
                "source": c.source,
                "is_older": c.is_older,
            }
            for c in found
        ]
        findings = [
            {"code": f.code, "severity": str(f.severity), "path": f.path, "message": f.message} for f in pack.findings
        ]
        print_json({"kind": "market", "changes": rows, "observations": len(pack.values), "findings": findings})
    else:
        print(pack_text(found, pack, options.dry_run))
    if not options.dry_run:
        save(after, Path(options.plan))


def import_records_of(options: argparse.Namespace, plan: Plan, data: bytes) -> None:
    """Take records from a table."""
    from app.printout import import_text
    from models.importers import import_table

    understood = import_table(data, Path(options.file).name, plan, options.kind, site_id=options.into)
    if options.json:
        print_json(understood.to_json())
    else:
        print(import_text(understood, options.dry_run))
    if not understood.records:
        raise PlanFileError("no line of it could be used", options.file, "mend what the findings say and try again")
    if not options.dry_run:
        save(understood.plan, Path(options.plan))


def import_series_of(options: argparse.Namespace, plan: Plan, data: bytes) -> None:
    """Take an hourly series."""
    from app.printout import series_text
    from models.importers.series import SeriesOptions, import_series, with_option, with_series

    told = SeriesOptions()
    for text in options.options:
        try:
            told = with_option(told, text)
        except PlanFileError as error:
            raise WrongCallError(f"--option {text}: {error.what}; {error.remedy}.") from error
    name = Path(options.file).name
    found = import_series(data, name, options.kind, told)
    if found.series is not None:
        # Also in a dry run, so that it says what the run itself would say.
        plan, _ = with_series(plan, found, name, options.into, today().isoformat())
    if options.json:
        print_json(found.to_json())
    else:
        print(series_text(found, options.dry_run))
    if found.series is None:
        what = "its columns are not all understood"
        raise PlanFileError(what, options.file, "say what they are: --option role.1=date --option role.3=value")
    if not options.dry_run:
        save(plan, Path(options.plan))
