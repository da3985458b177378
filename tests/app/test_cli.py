"""The command line as a user meets it: processes, exit codes, one sentence on standard error, files whole or absent."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.cli import COMMANDS, LATER, main
from models.evaluate import evaluate
from models.samples import sample
from models.storage.plan_file import open_plan, program_version, save_plan
from models.storage.plan_json import plan_to_json
from tests.command import busbar
from tests.hourly_files import ercot_day_ahead, readings

PNG = b"\x89PNG\r\n\x1a\n"


def answer(done: subprocess.CompletedProcess[bytes]) -> Any:
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def refusal(done: subprocess.CompletedProcess[bytes], code: int) -> str:
    """The one sentence with which a command refused."""
    text = done.stderr.decode()
    assert done.returncode == code, (done.returncode, text)
    assert "Traceback" not in text
    assert text.startswith("busbar")
    assert len(text.strip().splitlines()) == 1
    assert text.strip().endswith(".")
    return text


@pytest.fixture
def plan_file(tmp_path: Path) -> Path:
    path = tmp_path / "plan.busbar"
    save_plan(sample("briefing"), path)
    return path


# new, dump


def test_that_a_sample_survives_new_dump_and_new_again(tmp_path: Path) -> None:
    first, second = tmp_path / "first.busbar", tmp_path / "second.busbar"
    assert busbar("new", first, "--sample", "three-sites").returncode == 0
    dumped = busbar("dump", first)
    assert answer(dumped)["busbar_plan"] == 1
    assert busbar("new", second, "--from", "-", stdin=dumped.stdout).returncode == 0
    assert open_plan(second) == sample("three-sites")


def test_that_a_new_plan_without_an_origin_is_empty_and_named_as_its_file(tmp_path: Path) -> None:
    assert busbar("new", tmp_path / "Ours.busbar").returncode == 0
    plan = open_plan(tmp_path / "Ours.busbar")
    assert plan.plan.name == "Ours"
    assert plan.sites == ()


def test_that_new_replaces_a_file_only_when_forced(plan_file: Path) -> None:
    before = plan_file.read_bytes()
    assert "already there" in refusal(busbar("new", plan_file), 1)
    assert plan_file.read_bytes() == before
    assert busbar("new", plan_file, "--sample", "own-gpus", "--force").returncode == 0
    assert open_plan(plan_file) == sample("own-gpus")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "the file is empty"),
        (b"\xff\xfe", "not text in UTF-8"),
        (b"[1, 2", "not JSON"),
        (b'{"busbar_plan": 1, "plan": {"name": "A", "start": "2026-04"}, "rent": 3}', "no field 'rent'"),
        (b'{"busbar_plan": 99}', "newer Busbar"),
    ],
)
def test_that_a_json_which_is_no_plan_leaves_no_file(tmp_path: Path, content: bytes, sentence: str) -> None:
    source = tmp_path / "plan.json"
    source.write_bytes(content)
    said = refusal(busbar("new", tmp_path / "plan.busbar", "--from", source), 1)
    assert sentence in said
    assert str(source) in said
    assert list(tmp_path.iterdir()) == [source]


def test_that_a_plan_can_be_written_only_where_there_is_a_folder(tmp_path: Path) -> None:
    assert "no such file or folder" in refusal(busbar("new", tmp_path / "absent" / "plan.busbar"), 1)
    assert "folder" in refusal(busbar("new", tmp_path), 1)
    assert list(tmp_path.iterdir()) == []


def test_that_an_unknown_sample_is_a_wrong_call_that_names_the_samples(tmp_path: Path) -> None:
    assert "three-sites" in refusal(busbar("new", tmp_path / "a.busbar", "--sample", "nix"), 2)


@pytest.mark.parametrize("command", ["dump", "evaluate"])
def test_that_what_is_no_plan_is_refused_by_name(tmp_path: Path, command: str) -> None:
    (tmp_path / "letter.txt").write_text("Dear board,")
    assert "not a Busbar plan" in refusal(busbar(command, tmp_path / "letter.txt"), 1)
    assert "no such file" in refusal(busbar(command, tmp_path / "absent.busbar"), 1)
    assert "folder" in refusal(busbar(command, tmp_path), 1)


def test_that_a_reader_who_stops_early_is_no_error(plan_file: Path, root: Path) -> None:
    command = f"{sys.executable} -m app dump {plan_file} | head -c 10"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, cwd=root, timeout=60)
    assert done.returncode == 0
    assert done.stderr == b""


# evaluate


def test_that_evaluate_prints_what_the_library_computes(plan_file: Path) -> None:
    assert answer(busbar("evaluate", plan_file, "--json")) == evaluate(sample("briefing")).to_json()


def test_that_set_and_scenario_change_the_plan_for_one_evaluation(plan_file: Path) -> None:
    before = plan_file.read_bytes()
    base = answer(busbar("evaluate", plan_file, "--json"))
    settings = ("--set", "market.btc_price_usd=140337.14", "--set", "assumptions.economic_shutdown=false")
    doubled = answer(busbar("evaluate", plan_file, *settings, "--json"))
    assert doubled["market"]["hashprice_usd_per_ph_day"] == pytest.approx(
        2 * base["market"]["hashprice_usd_per_ph_day"], rel=1e-9
    )
    scenario = sample("briefing").scenarios[0]
    assert answer(busbar("evaluate", plan_file, "--scenario", scenario.id, "--json"))["scenario"] == scenario.id
    assert plan_file.read_bytes() == before


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        ("power_contracts.p1.energy_price_usd_per_mwh", "4.5c/kWh", 45.0),
        ("power_contracts.p1.energy_price_usd_per_mwh", "45", 45.0),
        ("asic_lots.a1.uptime_fraction", "0.9", 0.9),
        ("asic_lots.a1.uptime_fraction", "90%", 0.9),
        ("asic_lots.a1.count", "1000.0", 1000),
        ("ai_offers.o1.first_rent_month", "2028-01", "2028-01"),
        ("ai_offers.o1.power_paid_by", "operator", "operator"),
        ("sites.s1.convertible_mw", "null", None),
        ("assumptions.economic_shutdown", "False", False),
    ],
)
def test_that_a_set_value_is_read_for_its_field(path: str, text: str, value: object) -> None:
    from app.cli_plan import with_setting
    from models.fields import read

    found = read(with_setting(sample("briefing"), f"{path}={text}"), path)
    assert found == pytest.approx(value)
    assert type(found) is type(value)


def test_that_a_monthly_table_can_be_set() -> None:
    from app.cli_plan import with_setting
    from models.fields import Schedule

    plan = with_setting(sample("briefing"), 'market.btc_price_usd={"monthly": {"2026-04": 70000, "2027-01": 90000}}')
    assert plan.market.btc_price_usd == Schedule(("2026-04", "2027-01"), (70000.0, 90000.0))


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("market.btc_price_usd", "PATH=VALUE"),
        ("market.price=1", "has no field 'price'"),
        ("sites.s9.capacity_mw=1", "no record 's9'"),
        ("nowhere=1", "'nowhere'"),
        ("sites.s1=1", "sites.s1"),
        ("market.btc_price_usd=-1", "between"),
        ("market.btc_price_usd=nan", "NaN"),
        ("market.btc_price_usd=infinity", "infinity"),
        ("market.btc_price_usd=lots", "lots"),
        ("market.btc_price_usd=[1]", "not a list"),
        ("asic_lots.a1.count=1.5", "whole number"),
        ("asic_lots.a1.uptime_fraction=95", "between 0 and 1"),
        ("ai_offers.o1.first_rent_month=April", "month"),
        ("ai_offers.o1.kind=rental", "none of"),
        ("assumptions.economic_shutdown=perhaps", "true or false"),
    ],
)
def test_that_a_setting_which_cannot_be_meant_is_a_wrong_call(
    plan_file: Path, setting: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    # Not as processes of their own, which take a second each: that all commands refuse alike there is shown elsewhere.
    arguments = ["evaluate", str(plan_file), "--set", setting]
    try:
        code = main(arguments)
    except SystemExit as ended:
        code = ended.code
    said = capsys.readouterr().err
    assert code == 2
    assert len(said.strip().splitlines()) == 1
    assert said.startswith("busbar")
    assert "--set" in said
    assert sentence.lower() in said.lower()


def test_that_an_unknown_scenario_is_a_wrong_call_and_names_those_there_are(plan_file: Path) -> None:
    said = refusal(busbar("evaluate", plan_file, "--scenario", "nix"), 2)
    assert all(s.id in said for s in sample("briefing").scenarios)


def test_that_the_readable_answer_has_aligned_columns_and_names_every_use(plan_file: Path) -> None:
    done = busbar("evaluate", plan_file)
    text = done.stdout.decode()
    assert done.returncode == 0
    for use in evaluate(sample("briefing")).uses:
        assert use.name in text
    heading = next(line for line in text.splitlines() if line.startswith("Id "))
    row = next(line for line in text.splitlines() if line.startswith("a1 "))
    assert len(row) == len(heading)
    assert "nan" not in text


def test_that_evaluate_loads_neither_qt_nor_pandas(plan_file: Path, root: Path) -> None:
    script = (
        "import sys; from app.cli import main; code = main(['evaluate', sys.argv[1], '--json']);"
        "print(sorted({m.split('.')[0] for m in sys.modules}), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(plan_file)], capture_output=True, cwd=root, timeout=60)
    loaded = done.stderr.decode()
    assert "numpy" in loaded
    for name in ("PySide6", "shiboken6", "pandas", "sqlite_utils", "openpyxl", "typst", "contourpy", "pyqtgraph"):
        assert f"'{name}'" not in loaded


# memo, shot


def test_that_the_memo_is_written_whole_without_a_screen(plan_file: Path, tmp_path: Path) -> None:
    done = busbar("memo", plan_file, "-o", tmp_path / "memo.pdf", environment={"QT_QPA_PLATFORM": ""})
    assert done.returncode == 0, done.stderr.decode()
    assert (tmp_path / "memo.pdf").read_bytes().startswith(b"%PDF-")


def test_that_a_memo_of_another_kind_or_nowhere_is_refused(plan_file: Path, tmp_path: Path) -> None:
    assert ".pdf" in refusal(busbar("memo", plan_file, "-o", tmp_path / "memo.odt"), 2)
    assert "folder" in refusal(busbar("memo", plan_file, "-o", tmp_path / "absent" / "memo.pdf"), 1)
    (tmp_path / "taken.pdf").mkdir()
    assert "folder" in refusal(busbar("memo", plan_file, "-o", tmp_path / "taken.pdf"), 1)
    assert sorted(p.name for p in tmp_path.iterdir() if p.suffix == ".pdf") == ["taken.pdf"]


def test_that_the_workbook_is_written_whole_or_not_at_all(plan_file: Path, tmp_path: Path) -> None:
    done = busbar("workbook", plan_file, "-o", tmp_path / "plan.xlsx", environment={"QT_QPA_PLATFORM": ""})
    assert done.returncode == 0, done.stderr.decode()
    assert (tmp_path / "plan.xlsx").read_bytes().startswith(b"PK")
    assert ".xlsx" in refusal(busbar("workbook", plan_file, "-o", tmp_path / "plan.xls"), 2)
    assert "folder" in refusal(busbar("workbook", plan_file, "-o", tmp_path / "absent" / "plan.xlsx"), 1)
    assert "scenario" in refusal(busbar("workbook", plan_file, "-o", tmp_path / "b.xlsx", "--scenario", "none"), 2)
    (tmp_path / "broken.busbar").write_text("no plan")
    assert "not a Busbar plan" in refusal(busbar("workbook", tmp_path / "broken.busbar", "-o", tmp_path / "b.xlsx"), 1)
    assert sorted(p.name for p in tmp_path.iterdir() if p.suffix == ".xlsx") == ["plan.xlsx"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_that_a_shot_has_the_asked_size_and_theme(plan_file: Path, tmp_path: Path, theme: str, qapp: object) -> None:
    from PySide6.QtGui import QImage

    file = tmp_path / "start.png"
    done = busbar("shot", plan_file, "start", "-o", file, "--theme", theme, "--size", "1280x800")
    assert done.returncode == 0, done.stderr.decode()
    assert file.read_bytes().startswith(PNG)
    image = QImage(str(file))
    assert (image.width(), image.height()) == (1280, 800)
    middle = image.pixelColor(700, 700)
    assert (middle.lightness() > 200) == (theme == "light")


def test_that_a_shot_of_no_page_or_no_size_is_a_wrong_call(plan_file: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    assert "break_even" in refusal(busbar("shot", plan_file, "cover", "-o", file), 2)
    assert "1440x900" in refusal(busbar("shot", plan_file, "start", "-o", file, "--size", "big"), 2)
    assert "between" in refusal(busbar("shot", plan_file, "start", "-o", file, "--size", "1x1"), 2)
    assert not file.exists()


def test_that_without_a_screen_everything_is_written_to_out(tmp_path: Path) -> None:
    from app.shell.commands import PAGES

    environment = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "QT_QPA_PLATFORM": ""}
    done = busbar(environment=environment, cwd=tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    assert "no screen" in done.stderr.decode()
    assert (tmp_path / "out" / "memo.pdf").read_bytes().startswith(b"%PDF-")
    for page, _ in PAGES:
        assert (tmp_path / "out" / f"page-{page}.png").read_bytes().startswith(PNG)


# import


FLEET = b"Model;Count;Hashrate TH/s;Power W\nS21;100;200;3500\nS19;many;100;3000\n"


def test_that_a_dry_run_says_what_was_understood_and_changes_nothing(plan_file: Path, tmp_path: Path) -> None:
    (tmp_path / "fleet.csv").write_bytes(FLEET)
    before = plan_file.read_bytes()
    said = answer(busbar("import", plan_file, "fleet", tmp_path / "fleet.csv", "--dry-run", "--json"))
    assert said["rows"] == 2
    assert [record["model"] for record in said["records"]] == ["S21"]
    assert any("many" in finding["message"] for finding in said["findings"])
    assert plan_file.read_bytes() == before


def test_that_an_import_is_saved_into_the_plan(plan_file: Path, tmp_path: Path) -> None:
    (tmp_path / "fleet.csv").write_bytes(FLEET)
    done = busbar("import", plan_file, "fleet", tmp_path / "fleet.csv", "--into", "s1")
    assert done.returncode == 0, done.stderr.decode()
    assert "1 added" in done.stdout.decode()
    lots = open_plan(plan_file).asic_lots
    assert lots[:-1] == sample("briefing").asic_lots
    assert (lots[-1].model, lots[-1].count, lots[-1].site_id) == ("S21", 100, "s1")


def test_that_actual_months_are_taken_into_the_plan(plan_file: Path, tmp_path: Path) -> None:
    (tmp_path / "books.csv").write_text("Month,BTC price,Revenue (k$)\n2026-04,70000,1\nnever,1,2\n2026-05,71000,bad\n")
    said = answer(busbar("import", plan_file, "actuals", tmp_path / "books.csv", "--into", "s1", "--dry-run", "--json"))
    assert [(r["month"], r["line"], r["value"]) for r in said["records"]] == [
        ("2026-04", "btc_price_usd", 70_000.0),
        ("2026-04", "revenue_usd", 1_000.0),
        ("2026-05", "btc_price_usd", 71_000.0),
    ]
    assert [f["path"] for f in said["findings"] if f["code"] == "import.line"] == [
        "line 3, column 1 (Month)",
        "line 4, column 3 (Revenue (k$))",
    ]
    assert open_plan(plan_file).actuals == ()
    assert busbar("import", plan_file, "actuals", tmp_path / "books.csv", "--into", "s1").returncode == 0
    assert [(a.line, a.site_id) for a in open_plan(plan_file).actuals] == [
        ("btc_price_usd", ""),
        ("revenue_usd", "s1"),
        ("btc_price_usd", ""),
    ]


def test_that_a_market_pack_is_shown_first_and_then_taken_over(plan_file: Path, tmp_path: Path) -> None:
    pack = tmp_path / "pack.csv"
    pack.write_text(
        "path,value,date,source\nmarket.difficulty,140 T,2026-11-20,Desk\nmarket.weather,3,2026-11-20,Desk\n"
    )
    before = open_plan(plan_file)
    said = answer(busbar("import", plan_file, "market", pack, "--dry-run", "--json"))
    assert [(c["path"], c["new"], c["date"]) for c in said["changes"]] == [("market.difficulty", 140e12, "2026-11-20")]
    assert [f["path"] for f in said["findings"]] == ["line 3"]
    assert open_plan(plan_file) == before
    done = busbar("import", plan_file, "market", pack)
    assert done.returncode == 0
    assert "140.00" in done.stdout.decode()
    after = open_plan(plan_file)
    assert (after.market.difficulty, after.market.as_of) == (140e12, "2026-11-20")
    assert [o.value for o in after.observations] == [140e12]
    pack.write_text("path,value,date\n")
    assert "no values" in refusal(busbar("import", plan_file, "market", pack), 1)


def test_that_an_import_which_cannot_be_done_leaves_the_plan_alone(plan_file: Path, tmp_path: Path) -> None:
    (tmp_path / "fleet.csv").write_bytes(FLEET)
    (tmp_path / "bad.csv").write_bytes(b"Model;Count;Hashrate TH/s;Power W\nS19;many;100;3000\n")
    before = plan_file.read_bytes()
    assert "'s9'" in refusal(busbar("import", plan_file, "fleet", tmp_path / "fleet.csv", "--into", "s9"), 2)
    assert "no line" in refusal(busbar("import", plan_file, "fleet", tmp_path / "bad.csv"), 1)
    assert "no such file" in refusal(busbar("import", plan_file, "fleet", tmp_path / "absent.csv"), 1)
    assert "fleet" in refusal(busbar("import", plan_file, "ships", tmp_path / "fleet.csv"), 2)
    assert "columns are not all understood" in refusal(busbar("import", plan_file, "prices", tmp_path / "fleet.csv"), 1)
    assert "option" in refusal(busbar("import", plan_file, "prices", tmp_path / "fleet.csv", "--option", "x=1"), 2)
    assert plan_file.read_bytes() == before


def test_that_prices_are_told_in_a_dry_run_and_saved_without_one(plan_file: Path, tmp_path: Path) -> None:
    file = tmp_path / "day ahead.csv"
    file.write_bytes(ercot_day_ahead(readings("2024-11-01", 5)))
    before = plan_file.read_bytes()
    told = json.loads(busbar("import", plan_file, "prices", file, "--dry-run", "--json").stdout)
    assert plan_file.read_bytes() == before
    assert (told["rows"], told["unit"], told["gaps"], told["duplicates"]) == (121, "USD/MWh", 0, 0)
    assert (told["first"], told["last"]) == ("2024-11-01T00:00:00-05:00", "2024-11-05T23:00:00-06:00")
    assert (told["interval_minutes"], told["repeated_hours"], told["clock"]) == (60, 1, "hour_ending")
    assert told["mean"] == pytest.approx(12.94)
    done = busbar("import", plan_file, "prices", file)
    assert done.returncode == 0, done.stderr.decode()
    assert "America/Chicago" in done.stdout.decode()
    series = open_plan(plan_file).price_series[-1]
    assert series.name == "ERCOT HB_NORTH 2024"
    assert series.hourly_usd_per_mwh is not None
    assert len(series.hourly_usd_per_mwh) == 121


def test_that_an_option_answers_a_question_and_into_replaces_values(plan_file: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_bytes(ercot_day_ahead(readings("2024-11-01", 2)))
    second.write_text("Date,Hour Ending,Price ($/MWh)\n" + "".join(f"2025-01-05,{h},{h}\n" for h in range(1, 25)))
    assert busbar("import", plan_file, "prices", first).returncode == 0
    (series,) = open_plan(plan_file).price_series
    zone = ("--option", "time_zone=America/Denver")
    assert busbar("import", plan_file, "prices", second, "--into", series.id, *zone).returncode == 0
    (replaced,) = open_plan(plan_file).price_series
    assert (replaced.id, replaced.time_zone) == (series.id, "America/Denver")
    assert replaced.hourly_usd_per_mwh is not None
    assert replaced.hourly_usd_per_mwh.first_hour_utc == "2025-01-05T07:00Z"
    assert "no price series 'zz'" in refusal(busbar("import", plan_file, "prices", second, "--into", "zz"), 2)


# solve


def test_that_solve_names_the_value_that_makes_a_figure_hit_its_target(plan_file: Path) -> None:
    rent, npv = "ai_offers.o1.rent_usd_per_it_kw_month", "uses.o1.npv_usd_per_mw"
    found = answer(busbar("solve", plan_file, "--for", rent, "--figure", npv, "--target", "0", "--json"))
    assert (found["path"], found["figure"], found["target"], found["findings"]) == (rent, npv, 0.0, [])
    entered = answer(busbar("evaluate", plan_file, "--set", f"{rent}={found['value']!r}", "--json"))
    use = next(u for u in entered["uses"] if u["id"] == "o1")
    assert use["npv_usd_per_mw"] == pytest.approx(0.0, abs=1e-3)
    words = busbar("solve", plan_file, "--for", rent, "--figure", npv, "--target", "0").stdout.decode()
    assert "Rent, " in words
    first, exactly = words.splitlines()
    assert first.startswith(f"Rent, Powered-shell lease must be ${found['value']:.2f}/IT kW-month: NPV, ")
    assert "is then $0/MW; now it is $" in first
    setting = exactly.partition(": ")[2]
    assert setting == f"{rent}={found['value']!r}", "what reproduces the target stands there to be copied"
    again = answer(busbar("evaluate", plan_file, "--set", setting, "--json"))
    assert next(u for u in again["uses"] if u["id"] == "o1")["npv_usd_per_mw"] == pytest.approx(0.0, abs=1e-3)
    rounded = answer(busbar("evaluate", plan_file, "--set", f"{rent}={found['value']:.2f}", "--json"))
    assert abs(next(u for u in rounded["uses"] if u["id"] == "o1")["npv_usd_per_mw"]) > 1.0


def test_that_solve_takes_the_hashprice_by_the_name_that_its_help_says(plan_file: Path) -> None:
    help_text = busbar("solve", "--help").stdout.decode()
    assert "a field, or hashprice" in " ".join(help_text.split())
    asked = ("--figure", "uses.a1.npv_usd_per_mw", "--target", "0", "--json")
    by_name, by_path = (
        answer(busbar("solve", plan_file, "--for", name, *asked))["value"]
        for name in ("hashprice", "market.hashprice_usd_per_ph_day")
    )
    assert by_name == by_path > 0.0


def test_that_solve_says_no_more_digits_than_there_are(plan_file: Path) -> None:
    count, margin = "asic_lots.a1.count", "sites.s1.do_nothing_npv_usd"
    words = busbar("solve", plan_file, "--for", count, "--figure", margin, "--target", "3000000").stdout.decode()
    assert words.startswith("Machines, Antminer S21 must be ")
    assert "Exactly" not in words


def test_that_solve_takes_a_target_with_a_unit_and_a_scenario(plan_file: Path) -> None:
    rent, rate = "ai_offers.o1.rent_usd_per_it_kw_month", "uses.o1.irr_fraction"
    calls = [("--target", "0.15"), ("--target", "15%")]
    values = [answer(busbar("solve", plan_file, "--for", rent, "--figure", rate, *c, "--json"))["value"] for c in calls]
    assert values[0] == pytest.approx(values[1], rel=1e-12)
    assert "no scenario" in refusal(
        busbar("solve", plan_file, "--for", rent, "--figure", rate, "--target", "0", "--scenario", "none"), 2
    )


def test_that_an_unreachable_target_is_answered_with_null_and_what_can_be_reached(plan_file: Path) -> None:
    uptime, revenue = "asic_lots.a1.uptime_fraction", "uses.a1.revenue_usd_per_mw_year"
    found = answer(busbar("solve", plan_file, "--for", uptime, "--figure", revenue, "--target", "9e6", "--json"))
    assert found["value"] is None
    assert [f["code"] for f in found["findings"]] == ["solve.unreachable"]
    assert " to $" in found["findings"][0]["message"]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (("market.source", "uses.a1.npv_usd_per_mw", "0"), "--for market.source"),
        (("market.nothing", "uses.a1.npv_usd_per_mw", "0"), "--for market.nothing"),
        (("market.btc_price_usd", "uses.zz.npv_usd_per_mw", "0"), "--figure uses.zz"),
        (("market.btc_price_usd", "uses.a1.colour", "0"), "--figure uses.a1.colour"),
        (("market.btc_price_usd", "uses.a1.npv_usd_per_mw", "much"), "--target much"),
        (("market.btc_price_usd", "uses.a1.npv_usd_per_mw", "NaN"), "--target NaN"),
    ],
)
def test_that_solve_refuses_what_is_no_input_figure_or_number(
    plan_file: Path, given: tuple[str, str, str], sentence: str
) -> None:
    path, figure, target = given
    assert sentence in refusal(busbar("solve", plan_file, "--for", path, "--figure", figure, "--target", target), 2)


# the calls themselves


@pytest.mark.parametrize("name", sorted(LATER))
def test_that_a_later_command_says_in_one_sentence_that_it_is_not_there_yet(name: str) -> None:
    assert "not in this version yet" in refusal(busbar(name, "plan.busbar", "--json"), 1)


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - set(LATER)))
def test_that_a_command_without_its_arguments_is_a_wrong_call(name: str) -> None:
    assert "required" in refusal(busbar(name), 2)


def test_that_help_and_version_are_answered() -> None:
    help_text = busbar("--help").stdout.decode()
    assert all(name in help_text for name in COMMANDS)
    assert busbar("--version").stdout.decode().strip() == f"busbar {program_version()}"
    assert "--frobnicate" in refusal(busbar("evaluate", "a.busbar", "--frobnicate"), 2)


def test_that_a_window_is_not_opened_on_what_is_no_plan(tmp_path: Path) -> None:
    (tmp_path / "letter.busbar").write_text("Dear board,")
    assert "not a Busbar plan" in refusal(busbar(tmp_path / "letter.busbar"), 1)


def test_that_a_misspelt_command_is_a_wrong_call_and_a_missing_plan_a_missing_file(tmp_path: Path) -> None:
    assert "no command 'evalute'" in refusal(busbar("evalute"), 2)
    assert "plan.busbar" in refusal(busbar(tmp_path / "plan.busbar"), 1)


def test_that_evaluate_says_what_was_set_aside_and_why(tmp_path: Path) -> None:
    from models.evaluate import evaluate
    from models.fields import replace
    from models.samples import sample
    from models.snoozes import set_aside
    from models.storage.plan_json import plan_to_json

    plan = replace(sample("briefing"), "asic_lots.a1.uptime_fraction", 1.0)
    finding = next(f for f in evaluate(plan).findings if f.code == "lint.uptime_full")
    source = tmp_path / "plan.json"
    source.write_text(json.dumps(plan_to_json(set_aside(plan, finding, "Measured", date(2026, 3, 24)))))
    found = answer(busbar("evaluate", source, "--json"))["findings"]
    assert [f["code"] for f in found if f.get("snoozed") == "Measured"] == ["lint.uptime_full"]
    assert sum("snoozed" in f for f in found) == 1
    assert b"Set aside" in busbar("evaluate", source).stdout


def test_that_a_call_that_cannot_be_meant_is_refused_before_anything_is_read(plan_file: Path, tmp_path: Path) -> None:
    pack = tmp_path / "pack.json"
    pack.write_text('{"busbar_market": 1, "values": {"market.btc_price_usd": 91000}}', encoding="utf-8")
    before = plan_file.read_bytes()
    assert "no place for market figures 'zz'" in refusal(busbar("import", plan_file, "market", pack, "--into", "zz"), 2)
    assert "no options" in refusal(busbar("import", plan_file, "market", pack, "--option", "foo=bar"), 2)
    assert ".png" in refusal(busbar("shot", plan_file, "market", "-o", tmp_path / "x.jpg"), 2)
    assert "option" in refusal(busbar("import", plan_file, "prices", pack, "--option", "clock=x"), 2)
    zone = refusal(busbar("import", plan_file, "prices", pack, "--option", "time_zone=Nowhere"), 2)
    assert "--option time_zone=Nowhere: there is no time zone 'Nowhere'; name one as" in zone
    unknown = refusal(busbar("import", plan_file, "prices", pack, "--option", "foo=bar"), 2)
    assert "--option foo=bar: there is no such option; write key=value" in unknown
    assert unknown.count("foo=bar") == 1
    far = f"market.btc_price_usd={'9' * 5_000}"
    assert "5,000 digits" in refusal(busbar("evaluate", plan_file, "--set", far), 2)
    assert plan_file.read_bytes() == before
    assert not (tmp_path / "x.jpg").exists()


def test_that_an_import_into_a_plan_as_json_says_so_before_it_says_what_was_added(tmp_path: Path) -> None:
    plan, fleet = tmp_path / "plan.json", tmp_path / "fleet.csv"
    plan.write_text(json.dumps(plan_to_json(sample("one-site"))), encoding="utf-8")
    fleet.write_text("Model,Count,Hashrate,Power\nAntminer S21,10,200,3500\n", encoding="utf-8")
    done = busbar("import", plan, "fleet", fleet, "--into", "s1")
    assert "SQLite, not JSON" in refusal(done, 1)
    assert done.stdout == b""
    assert busbar("import", plan, "fleet", fleet, "--into", "s1", "--dry-run").returncode == 0
