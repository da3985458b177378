"""`busbar solve`: the value of an input at which a figure hits a target."""

from __future__ import annotations

import argparse

from app.cli_plan import WrongCallError, load, print_json, scenario_named, value_of_text
from models.fields import Field, Quantity

SHORT_HASHPRICE = "hashprice"
"""What the help calls the hashprice, which is no field: it follows from price and difficulty."""


def solve_figure(options: argparse.Namespace) -> None:
    """Print the needed value; where there is none, what can be reached.

    Raises
    ------
    WrongCallError
        Where the plan has no such input or figure, or the target is no number.
    """
    from models.drivers import HASHPRICE
    from models.evaluate import evaluate
    from models.figure_along import movable
    from models.figures import figure
    from models.scenarios import plan_for, scenario_by_name
    from models.solve import solve

    plan = load(options.plan)
    scenario_id = scenario_named(plan, options.scenario)
    plan = plan_for(plan, scenario_by_name(plan, scenario_id))
    path = HASHPRICE if options.path == SHORT_HASHPRICE else options.path
    try:
        movable(plan, path)
    except (KeyError, ValueError):
        raise WrongCallError(
            f"--for {options.path}: this is no number and no month of the plan; name one field of one record."
        ) from None
    try:
        kind = figure(plan, evaluate(plan), options.figure).kind
    except (KeyError, ValueError):
        raise WrongCallError(
            f"--figure {options.figure}: the plan has no such figure; name one such as uses.a1.npv_usd_per_mw or "
            "sites.s1.gain_usd."
        ) from None
    found = solve(plan, path, options.figure, target_of(options.target, kind.unit))
    if options.json:
        print_json(found.to_json())
    else:
        from app.printout import solution_text

        print(solution_text(found))


def target_of(text: str, unit: str) -> float:
    """The number that a target on the command line means; with a unit it is converted.

    Raises
    ------
    WrongCallError
        Where it is not one number.
    """
    field = Field("target", Quantity(label="The target", unit=unit), None, False, False)
    try:
        value = value_of_text(field, text)
    except ValueError as error:
        raise WrongCallError(f"--target {text}: {error}.") from error
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or abs(value) == float("inf"):
        raise WrongCallError(f"--target {text}: write one number, such as 0 or 250000.")
    return float(value)
