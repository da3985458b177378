"""The `busbar` command: every line of the contract's table, without a screen but for the window itself.

It ends with 0 when done, 1 when a plan or file is at fault (one sentence on standard error), 2 when the call is wrong.
What a command needs is imported when it runs: `busbar evaluate` loads no Qt.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from app.cli_import import KINDS, import_file
from app.cli_plan import (
    WRONG_CALL,
    Parser,
    WrongCallError,
    load,
    plan_of_json,
    print_json,
    sample_plan,
    save,
    scenario_named,
    with_setting,
)
from app.cli_solve import solve_figure
from app.cli_verify import add_verify_arguments, verify_file
from app.formats import MEMO_FORMATS, WORKBOOK_FORMATS
from app.today import today
from models.problems import PlanFileError
from models.storage.disk import write_whole

DONE, AT_FAULT = 0, 1
DEFAULT_SAMPLE = "briefing"
LATER = {
    "simulate": "Monte Carlo simulation",
    "optimise": "the optimiser of the split",
}
"""Commands of the contract that this version does not have, and what they are called in a sentence."""
PAGE_NAMES = (
    "start",
    "market",
    "sites",
    "power",
    "fleet",
    "offers",
    "break_even",
    "scenarios",
    "sensitivity",
    "evidence",
    "memo",
    "decisions",
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    argv
        Arguments without the program's name; the process's own where None.

    Returns
    -------
    int
        The exit code.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    speak_utf8()
    is_window = not arguments or (arguments[0] not in COMMANDS and not arguments[0].startswith("-"))
    options = (window_parser() if is_window else parser()).parse_args(arguments)
    try:
        options.run(options)
        sys.stdout.flush()
    except WrongCallError as error:
        print(f"busbar: {error}", file=sys.stderr)
        return WRONG_CALL
    except PlanFileError as error:
        print(f"busbar: {error}", file=sys.stderr)
        return AT_FAULT
    except BrokenPipeError:
        # Whoever read the output has seen enough. Python would complain again when it closes standard output at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return DONE


def speak_utf8() -> None:
    """JSON is UTF-8 by definition, and a Windows console's code page knows no superscript digits."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


# The commands


def new(options: argparse.Namespace) -> None:
    """Write a plan file: empty, a sample, or from JSON."""
    path = Path(options.plan)
    if path.exists() and not path.is_dir() and not options.force:
        raise PlanFileError("the file is already there", str(path), "give another name, or add --force to replace it")
    if options.source is not None:
        plan = plan_of_json(options.source)
    elif options.sample is not None:
        plan = sample_plan(options.sample)
    else:
        from models.samples import template

        plan = template("empty", path.stem or "New plan")
    save(plan, path)


def dump(options: argparse.Namespace) -> None:
    """Print a plan as JSON."""
    from models.storage.plan_json import plan_to_json

    print_json(plan_to_json(load(options.plan)))


def evaluate(options: argparse.Namespace) -> None:
    """Print what a megawatt earns."""
    from app.printout import results_text
    from models.evaluate import evaluate as results_of
    from models.scenarios import plan_for, scenario_by_name
    from models.snoozes import snooze_of

    plan = load(options.plan)
    scenario_id = scenario_named(plan, options.scenario)
    plan = plan_for(plan, scenario_by_name(plan, scenario_id))
    for setting in options.settings:
        plan = with_setting(plan, setting)
    results = results_of(plan, scenario_name=scenario_id)
    if options.json:
        answer = results.to_json()
        for line, finding in zip(answer["findings"], results.findings, strict=True):
            snooze = snooze_of(plan, finding)
            if snooze is not None:
                line["snoozed"] = snooze.reason
        print_json(answer)
    else:
        print(results_text(plan, results))


def later(options: argparse.Namespace) -> None:
    """Say that a command of the contract is not there yet."""
    raise PlanFileError(
        f"{LATER[options.command]} is not in this version yet",
        f"busbar {options.command}",
        "it arrives with a later release",
    )


def open_window(options: argparse.Namespace) -> None:
    """Open the window; where there is no screen, write the memo and pictures of all pages instead."""
    path = Path(options.plan) if options.plan else None
    if path is not None and path.name == options.plan and not path.suffix and not path.exists():
        # A bare word that is no file is rather a command misspelt than a plan gone missing.
        raise WrongCallError(f"there is no command {options.plan!r} and no file of that name; see busbar --help.")
    if has_screen():
        gc.disable()  # nothing is garbage before there is a window, which then collects for itself
        # Before Qt: PySide reads the source of every module that is imported after it, in case it uses its features.
        import app.models_first  # noqa: F401
        from app.main import run

        run(path)
        return
    from app.pictures import write_everything

    plan = load(path) if path else sample_plan(DEFAULT_SAMPLE)
    print("There is no screen: writing the memo and a picture of every page to out/.", file=sys.stderr)
    write_everything(plan, Path("out"))


def has_screen() -> bool:
    """Whether a window can be shown: Linux needs a display, or to be told which Qt platform to use."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return not sys.platform.startswith("linux") or any(os.environ.get(name) for name in names)


def memo(options: argparse.Namespace) -> None:
    """Write the memo of a plan."""
    path = Path(options.output)
    if path.suffix.lower() not in MEMO_FORMATS:
        words = ", ".join(MEMO_FORMATS)
        raise WrongCallError(f"memo: {path.name} is none of {words}; end the file's name with one of them.")
    from app.memo.files import memo_bytes

    plan = load(options.plan)
    scenario_id = scenario_named(plan, options.scenario)
    write_whole(path, memo_bytes(plan, path.suffix, today(), scenario_id))


def workbook(options: argparse.Namespace) -> None:
    """Write a plan as a workbook with live formulas."""
    path = Path(options.output)
    if path.suffix.lower() not in WORKBOOK_FORMATS:
        ending = WORKBOOK_FORMATS[0]
        raise WrongCallError(f"workbook: {path.name} does not end in {ending}; end the file's name with it.")
    from models.workbook.content import workbook_bytes

    plan = load(options.plan)
    write_whole(path, workbook_bytes(plan, scenario_id=scenario_named(plan, options.scenario)))


def shot(options: argparse.Namespace) -> None:
    """Write the window at one page as a picture."""
    from app.pictures import page_png

    path = Path(options.output)
    if path.suffix.lower() != ".png":
        raise WrongCallError(f"shot: {path.name} is a picture; end the file's name in .png.")
    plan = load(options.plan)
    data = page_png(plan, options.page, options.theme, options.size, options.text_scale / 100)
    write_whole(path, data)


# The parsers


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    from models.storage.plan_file import program_version

    top = Parser(
        prog="busbar",
        description="What should the next megawatt do? Without a command, `busbar [PLAN]` opens the window.",
    )
    top.add_argument("--version", action="version", version=f"busbar {program_version()}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)
    for name, (summary, run, add_arguments) in COMMANDS.items():
        sub = commands.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
        sub.set_defaults(run=run)
        add_arguments(sub)
    return top


def window_parser() -> argparse.ArgumentParser:
    """The parser of a call without a command."""
    found = Parser(prog="busbar", description="Open the window.")
    found.add_argument("plan", nargs="?", metavar="PLAN")
    found.set_defaults(run=open_window)
    return found


def _plan(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("plan", metavar="PLAN", help="a plan file, or a plan as .json")


def _new(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("plan", metavar="PLAN", help="the file to write")
    origin = sub.add_mutually_exclusive_group()
    origin.add_argument("--sample", metavar="NAME", help="one of the plans that ship with Busbar")
    origin.add_argument("--from", dest="source", metavar="FILE.json", help="a plan as JSON; - for standard input")
    sub.add_argument("--force", action="store_true", help="replace the file if it is there")


def _evaluate(sub: argparse.ArgumentParser) -> None:
    _plan(sub)
    sub.add_argument("--scenario", default="base", metavar="NAME", help="id or name of a scenario")
    sub.add_argument(
        "--set", dest="settings", action="append", default=[], metavar="PATH=VALUE", help="may be repeated"
    )
    sub.add_argument("--json", action="store_true", help="for programs")


def _memo(sub: argparse.ArgumentParser) -> None:
    _plan(sub)
    sub.add_argument("-o", dest="output", required=True, metavar="FILE", help=f"ends in {', '.join(MEMO_FORMATS)}")
    sub.add_argument("--scenario", default="base", metavar="NAME", help="id or name of a scenario")


def _solve(sub: argparse.ArgumentParser) -> None:
    _plan(sub)
    sub.add_argument("--for", dest="path", required=True, metavar="PATH", help="the input: a field, or hashprice")
    sub.add_argument("--figure", required=True, metavar="FIGURE", help="such as uses.a1.npv_usd_per_mw")
    sub.add_argument("--target", required=True, metavar="VALUE", help="what the figure is to be, fractions 0 to 1")
    sub.add_argument("--scenario", default="base", metavar="NAME", help="id or name of a scenario")
    sub.add_argument("--json", action="store_true", help="for programs")


def _workbook(sub: argparse.ArgumentParser) -> None:
    _plan(sub)
    sub.add_argument("-o", dest="output", required=True, metavar="FILE", help=f"ends in {WORKBOOK_FORMATS[0]}")
    sub.add_argument("--scenario", default="base", metavar="NAME", help="id or name of the scenario switched on")


def _import(sub: argparse.ArgumentParser) -> None:
    _plan(sub)
    sub.add_argument("kind", metavar="KIND", choices=KINDS, help=", ".join(KINDS))
    sub.add_argument("file", metavar="FILE", help="CSV or XLSX; of a meter also Green Button XML")
    sub.add_argument(
        "--into", metavar="ID", help="the site that takes the records, or the series whose values are replaced"
    )
    sub.add_argument(
        "--option",
        dest="options",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="answers a question of prices or meter, such as clock=ending; may be repeated",
    )
    sub.add_argument("--dry-run", action="store_true", help="say what was understood, change nothing")
    sub.add_argument("--json", action="store_true", help="for programs")


def _shot(sub: argparse.ArgumentParser) -> None:
    _plan(sub)
    sub.add_argument("page", metavar="PAGE", choices=PAGE_NAMES, help=", ".join(PAGE_NAMES))
    sub.add_argument("-o", dest="output", required=True, metavar="FILE.png")
    sub.add_argument("--theme", choices=("light", "dark"), default="light")
    sub.add_argument("--size", type=_size, default=(1440, 900), metavar="WxH")
    sub.add_argument("--text-scale", type=_text_scale, default=100, metavar="PERCENT", help="80 to 200")


def _later(sub: argparse.ArgumentParser) -> None:
    # Whatever the later command will take: the answer is the same.
    sub.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)


def _size(text: str) -> tuple[int, int]:
    width, x, height = text.lower().partition("x")
    if not (x and width.isdecimal() and height.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r} is no size; write it as 1440x900")
    size = int(width), int(height)
    if not all(200 <= side <= 8000 for side in size):
        raise argparse.ArgumentTypeError("a side must have between 200 and 8000 pixels")
    return size


def _text_scale(text: str) -> int:
    if not text.isdecimal() or not 80 <= int(text) <= 200:
        raise argparse.ArgumentTypeError(f"{text!r} is no text size; give 80 to 200 per cent")
    return int(text)


COMMANDS: dict[str, tuple[str, Callable[[argparse.Namespace], None], Callable[[argparse.ArgumentParser], None]]] = {
    "new": ("write a plan file: empty, a sample, or from JSON", new, _new),
    "dump": ("print a plan as JSON", dump, _plan),
    "evaluate": ("print what a megawatt earns, crossovers and findings", evaluate, _evaluate),
    "memo": ("write the memo as PDF, DOCX or HTML", memo, _memo),
    "workbook": ("write the plan as an .xlsx workbook with live formulas", workbook, _workbook),
    "import": (
        "take a fleet, contracts, offers, market data, actual months, hourly prices or a meter from a file",
        import_file,
        _import,
    ),
    "solve": ("find the input that makes a figure hit a target", solve_figure, _solve),
    "verify": ("recompute a memo's figures and say whether they match", verify_file, add_verify_arguments),
    "shot": ("write the window at one page as a picture", shot, _shot),
    **{name: (f"{what} (not in this version yet)", later, _later) for name, what in LATER.items()},
}
"""What every command is for, what does it, and what adds its arguments."""
