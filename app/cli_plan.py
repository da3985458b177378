"""What the commands share: plans in and out, settings on the command line."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from models.problems import PlanFileError
from models.storage.disk import read_whole

if TYPE_CHECKING:
    from models.plan import Plan

WRONG_CALL = 2
JSON_LIMIT_BYTES = 512_000_000


MOST_DIGITS = 300
"""Of a whole number; Python itself refuses more than 4300 in words of its own."""


class WrongCallError(Exception):
    """The command line asks for something that cannot be meant; the message is the sentence for the user."""


class Parser(argparse.ArgumentParser):
    """argparse, but one sentence instead of the usage and a sentence."""

    def error(self, message: str) -> NoReturn:
        self.exit(WRONG_CALL, f"{self.prog}: {message}; see {self.prog} --help.\n")


def load(path: str | Path) -> Plan:
    """Open a plan file, or a plan as JSON where the name ends in .json."""
    if str(path).lower().endswith(".json"):
        return plan_of_json(str(path))
    from models.storage.plan_file import open_plan

    return open_plan(Path(path))


def refuse_json(path: Path) -> None:
    """Raise where a plan file is to be written under a name that means JSON."""
    if path.suffix.lower() == ".json":
        raise PlanFileError("a plan file is SQLite, not JSON", str(path), "end its name in .busbar")


def save(plan: Plan, path: Path) -> None:
    """Write a plan file together with its results."""
    refuse_json(path)
    from models.evaluate import evaluate
    from models.storage.plan_file import save_plan

    save_plan(plan, path, evaluate(plan))


def plan_of_json(name: str) -> Plan:
    """Read a plan as JSON from a file, or from standard input where the name is ``-``."""
    from models.storage.plan_json import plan_from_json

    if name == "-":
        return plan_from_json(sys.stdin.buffer.read(), "standard input")
    return plan_from_json(read_whole(name, JSON_LIMIT_BYTES), name)


def sample_plan(name: str) -> Plan:
    """A plan that ships with Busbar."""
    from models.samples import sample, sample_names

    names = [known for known, _, _ in sample_names()]
    if name not in names:
        raise WrongCallError(f"new: there is no sample {name!r}; the samples are {', '.join(names)}.")
    return sample(name)


def scenario_named(plan: Plan, name: str) -> str:
    """The id of a scenario that is given by id or by name; ``base`` is the plan itself."""
    from models.scenarios import BASE, scenario_by_name

    try:
        found = scenario_by_name(plan, name)
    except KeyError:
        known = ", ".join([BASE, *(s.id for s in plan.scenarios)])
        raise WrongCallError(f"--scenario: the plan has no scenario {name!r}; choose one of {known}.") from None
    return BASE if found is None else found.id


def with_setting(plan: Plan, setting: str) -> Plan:
    """A plan with one ``PATH=VALUE`` applied.

    Raises
    ------
    WrongCallError
        Where the path leads nowhere or the value cannot stand there.
    """
    from models.drivers import with_value
    from models.fields import problem_with, read
    from models.storage.validity import overridable_field, problem_in, records_by_path

    path, equals, text = setting.partition("=")
    if not equals:
        raise WrongCallError(f"--set {setting}: write it as PATH=VALUE.")
    field = overridable_field(records_by_path(plan), path)
    if field is None:
        try:
            read(plan, path)
        except KeyError as error:
            raise WrongCallError(f"--set {path}: {error.args[0]}.") from error
        raise WrongCallError(f"--set {path}: this is no input; name one field of one record.")
    try:
        value = value_of_text(field, text)
    except ValueError as error:
        raise WrongCallError(f"--set {path}: {error}.") from error
    problem = problem_with(field, value)
    if problem is None:
        changed = with_value(plan, path, value)
        found = problem_in(changed)
        problem = found.sentence if found else None
        if problem is None:
            return changed
    raise WrongCallError(f"--set {path}: {problem}.")


def value_of_text(field: Any, text: str) -> Any:
    """The value that a text on the command line means in a field.

    Plain numbers are in the field's own unit, fractions 0…1; a number with a unit is converted; a monthly table is
    written as in JSON; ``null`` empties a field that may be empty.

    Raises
    ------
    ValueError
        Where it cannot be read; the message is a clause.
    """
    from models.fields import Flag, Quantity
    from models.storage.plan_json import value_from_json
    from models.units import QuantityError, parse_quantity

    text = text.strip()
    if text == "null":
        return None
    if isinstance(field.spec, Flag):
        if text.lower() not in ("true", "false"):
            raise ValueError(f"{field.label} must be true or false, not {text!r}")
        return text.lower() == "true"
    if not isinstance(field.spec, Quantity):
        return text
    try:
        # JSON's idea of a number, so that 1_000, nan and infinity are no numbers here either.
        raw = json.loads(text, parse_constant=lambda name: name, parse_int=_whole)
    except (json.JSONDecodeError, RecursionError):
        try:
            parsed = parse_quantity(text, field.spec.unit)
        except QuantityError as error:
            raise ValueError(str(error).rstrip(".")) from error
        if parsed.alternatives:
            raise ValueError(f"{text!r} can be read in more than one way; write a plain number") from None
        raw = parsed.value
    return value_from_json(field, raw)


def _whole(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise ValueError(f"{digits[:12]}… has {len(digits):,} digits, more than any field takes")
    return int(digits)


def print_json(content: Any) -> None:
    """Print JSON; NaN, which JSON does not know, would be an error of ours."""
    print(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False))
