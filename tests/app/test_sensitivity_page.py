"""The sensitivity page: the tornado and its tables, what can be typed and pasted, and tripwires that fire."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from app.pages.sensitivity import SensitivityPage
from app.tables.line_table import LineTable
from app.tables.record_edits import delete_records
from models.defaults import empty_plan
from models.drivers import HASHPRICE, with_value
from models.evaluate import evaluate
from models.plan import Observation, Tripwire, Uncertainty
from models.samples import sample
from models.sensitivity.tornado import tornado
from tests.large_plan import large_plan

RENT = "ai_offers.o1.rent_usd_per_it_kw_month"


@pytest.fixture
def page(open_session: Any, show: Any) -> Any:
    """Open the page on a plan."""

    def make(plan: Any = None, locale: str = "en_US", width: int = 1000) -> SensitivityPage:
        session = open_session(plan or sample("briefing"), locale)
        page = SensitivityPage(session)
        session.results_changed.connect(lambda _: page.refresh())
        page.refresh()
        page.flush()
        return show(page, width, 760)

    return make


def ranges_of(page: SensitivityPage) -> LineTable:
    page.show_tab("ranges")
    return page.tables["ranges"]


def texts(table: LineTable, key: str) -> list[str]:
    line = next(line for line in table.lines.lines if line.key == key)
    return [cell.text for cell in line.cells]


def enter(page: SensitivityPage, table: str, key: str, column: int, text: str) -> None:
    """Type into a cell as one does: go there, type, Enter."""
    page.show_tab(table)
    view = page.tables[table]
    view.choose(key, column)
    view.edit(view.currentIndex())
    editor = view.viewport().findChildren(QLineEdit)[-1]
    editor.selectAll()
    QTest.keyClicks(editor, text)
    row = view.currentIndex().row()
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert view.state() != view.State.EditingState
    if table == "tripwires":  # other lines may change places by what was typed
        assert view.currentIndex().row() == min(row + 1, view.last_row)
    page.flush()


def paste(page: SensitivityPage, table: str, text: str) -> None:
    QApplication.clipboard().setText(text)
    page.show_tab(table)
    page.tables[table].paste()
    page.flush()


def test_that_the_tornado_is_the_models_and_follows_a_lever(page: Any) -> None:
    page = page()
    session = page.session
    assert page.pickers.path == "uses.o1.npv_usd_per_mw"
    assert page.view.spec.title == "NPV, Powered-shell lease"
    assert page.view.spec.y.names[-1] == "Hall capex"
    before = [m.x for m in page.view.spec.marks]
    session.begin_drag()
    session.set_value(RENT, 140.0, merge_key="drag")
    page.flush()
    moved = [m.x for m in page.view.spec.marks]
    held = (page.view.spec.x.low, page.view.spec.x.high)
    session.set_value(RENT, 139.0, merge_key="drag")
    page.flush()
    assert moved != before
    assert (page.view.spec.x.low, page.view.spec.x.high) == held
    session.set_value(RENT, 200.0, merge_key="drag")
    page.flush()
    spec = page.view.spec
    assert spec.x.low == held[0]
    assert max(m.x for m in spec.marks) < spec.x.high
    session.end_drag()
    page.flush()
    expected = tornado(session.plan, page.pickers.path)
    assert [b.at_p90 for b in page.tornado.bars] == [b.at_p90 for b in expected.bars]


def test_that_figures_and_owners_are_chosen(page: Any) -> None:
    page = page()
    owner = page.pickers.owner
    owner.setCurrentIndex(owner.findData("uses.a1"))
    owner.activated.emit(owner.currentIndex())
    page.flush()
    assert page.view.spec.title == "NPV, Antminer S21"
    figure = page.pickers.figure
    figure.setCurrentIndex(figure.findText("Break-even BTC price"))
    figure.activated.emit(figure.currentIndex())
    page.flush()
    assert page.view.spec.title == "Break-even BTC price, Antminer S21"
    page.show_figure("sites.s1.lead_usd_per_mw")
    page.flush()
    assert page.view.spec.title == "Lead of the best use, Prairie Creek"


def test_that_a_crossover_can_be_chosen_as_figure_and_those_out_of_reach_say_so(page: Any) -> None:
    """At a rent of nothing no BTC price above zero makes mining worth the same as a loss."""
    page = page()
    owner, figure = page.pickers.owner, page.pickers.figure
    owner.setCurrentIndex(owner.findText("Antminer S21 = Powered-shell lease"))
    owner.activated.emit(owner.currentIndex())
    page.flush()
    assert page.pickers.path == "crossovers.a1.o1.npv.btc_price_usd"
    assert page.view.spec.title == "Crossover BTC price, Antminer S21 and Powered-shell lease, on NPV"
    assert page.tornado.figure.value == pytest.approx(112_717.917, rel=1e-8)
    steps = next(b for b in page.tornado.bars if b.range.path == "ai_offers.o1.escalator_fraction_per_year")
    for value, at in ((0.0, steps.at_p10), (0.03, steps.at_p90)):
        moved = evaluate(with_value(page.session.plan, steps.range.path, value))
        assert moved.crossover("a1", "o1", "npv").btc_price_usd == pytest.approx(at, rel=1e-9)
    # At a rent of $105 the lease is worth less than machines that stand still: no price is as low as that.
    assert page.note.text().endswith(
        "It is out of reach at P10 or P90 of: Rent, Powered-shell lease · Hall capex, Powered-shell lease."
    )
    assert figure.findText("Crossover BTC price, on margin") >= 0
    page.session.set_value("ai_offers.o1.rent_usd_per_it_kw_month", 0.01)
    page.session.recompute.flush()
    page.flush()
    assert figure.findText("Crossover BTC price, on NPV (out of reach)") >= 0
    assert "out of reach" in page.view.spec.reason
    assert page.note.text().startswith(
        "Crossover BTC price, Antminer S21 and Powered-shell lease, on NPV is out of reach: "
    )


def test_that_the_nearest_flip_stands_first_with_per_cent_and_deviations(page: Any) -> None:
    page = page()
    table = page.tables["distances"]
    first = [cell.text for cell in table.lines.lines[0].cells]
    assert first == ["GPU price, Own GPUs", "$2.90/GPU-hour", "$2.93", "+1.1%", "0.08", "Own GPUs"]
    assert page.about.text().startswith("Nearest at Prairie Creek: GPU price, Own GPUs, 1.1% away (0.08 of its")
    assert texts(table, "asic_lots.a1.uptime_fraction")[-1] == "none within reach"


def test_that_why_a_tripwire_was_set_can_be_read_in_a_small_window(page: Any) -> None:
    why = "The board asked that the lease be looked at again once hashpower is dear"
    wires = (Tripwire("g1", HASHPRICE, "above", 52.0, reason=why), Tripwire("g2", RENT, "below", 120.0, reason="Low"))
    page = page(dataclasses.replace(sample("briefing"), tripwires=wires), width=820)
    page.show_tab("tripwires")
    QApplication.processEvents()
    table = page.tables["tripwires"]
    assert table.horizontalScrollBar().maximum() == 0, "all of it is in sight"
    assert table.rowHeight(1) < table.rowHeight(0), "words that are short need one line"
    text = table.visualRect(table.lines.index(0, 7)).adjusted(11, 0, -11, 0)
    box = table.fontMetrics().boundingRect(0, 0, text.width(), 10_000, int(Qt.TextFlag.TextWordWrap), why)
    assert box.height() <= text.height()


def test_that_columns_come_once_something_stands_in_them(page: Any) -> None:
    wires = (Tripwire("g1", HASHPRICE, "above", 52.0, set_on="2026-03-01"),)
    page = page(dataclasses.replace(sample("briefing"), tripwires=wires))
    page.show_tab("tripwires")
    table = page.tables["tripwires"]
    assert [table.isColumnHidden(column) for column in (5, 6)] == [texts(table, "g1")[5] == "—", True]
    table.choose("g1", 4)
    table.move_by(0, 1)
    assert not table.isColumnHidden(table.currentIndex().column())
    seen = Observation("b1", HASHPRICE, "2026-04-02", 55.0, "pool")
    page.session.edit_base("See it", dataclasses.replace(page.session.document.plan, observations=(seen,)))
    page.refresh()
    page.flush()
    assert texts(table, "g1")[5] == "$55.00/PH/day"
    assert not table.isColumnHidden(5)


def test_that_the_nearest_five_become_tripwires_as_one_step(page: Any, qtbot: Any) -> None:
    page = page()
    qtbot.mouseClick(page.buttons["nearest"], Qt.MouseButton.LeftButton)
    page.flush()
    assert page.tab == "tripwires"
    assert len(page.session.document.plan.tripwires) == 5
    assert page.session.document.undo_stack.undoText() == "Set the nearest 5 tripwires"
    key = page.session.document.plan.tripwires[0].id
    assert texts(page.tables["tripwires"], key)[:5] == [
        "GPU price, Own GPUs",
        "above",
        "$2.93/GPU-hour",
        "30",
        "Not observed yet",
    ]
    page.tables["tripwires"].choose(key)
    page.remove_tripwires()
    assert len(page.session.document.plan.tripwires) == 4
    page.session.document.undo()
    page.session.document.undo()
    assert page.session.document.plan.tripwires == ()
    page.flush()


def test_that_levels_and_days_are_typed_and_nonsense_is_answered(page: Any, qtbot: Any) -> None:
    plan = dataclasses.replace(sample("briefing"), tripwires=(Tripwire("g1", HASHPRICE, "above", 52.0),))
    page = page(plan)
    said: list[str] = []
    page.session.message.connect(said.append)
    enter(page, "tripwires", "g1", 2, "48.5")
    enter(page, "tripwires", "g1", 3, "7")
    enter(page, "tripwires", "g1", 1, "Below")
    wire = page.session.document.plan.tripwires[0]
    assert (wire.level, wire.days, wire.side) == (48.5, 7, "below")
    enter(page, "tripwires", "g1", 3, "0")
    enter(page, "tripwires", "g1", 2, "high")
    enter(page, "tripwires", "g1", 1, "beside")
    assert page.session.document.plan.tripwires[0] == wire
    assert len(said) == 3
    assert said[0] == "“0” is no number of days; write a whole one, from 1 to 3650."
    assert "beside" in said[2]


def test_that_a_range_is_typed_and_goes_back_to_its_default(page: Any) -> None:
    page = page()
    table = ranges_of(page)
    assert texts(table, RENT)[2:4] == ["$105.00", "$155.00"]
    enter(page, "ranges", RENT, 2, "110")
    enter(page, "ranges", RENT, 4, "Our broker, May")
    (own,) = page.session.document.plan.uncertainties
    assert (own.path, own.p10, own.p90, own.source) == (RENT, 110.0, 155.0, "Our broker, May")
    assert next(b for b in page.tornado.bars if b.range.path == RENT).range.p10 == 110.0
    table.choose(RENT)
    page.reset_ranges()
    assert page.session.document.plan.uncertainties == ()
    page.flush()
    assert texts(table, RENT)[2] == "$105.00"


def test_that_an_input_without_a_range_gets_one_once_both_ends_are_there(page: Any) -> None:
    page = page()
    path = "ai_offers.o2.utilisation_fraction"
    table = ranges_of(page)
    assert texts(table, path)[2:4] == ["no range", "no range"]
    enter(page, "ranges", path, 2, "60%")
    assert page.session.document.plan.uncertainties == ()
    assert texts(table, path)[2:4] == ["60.0%", "no range"]
    enter(page, "ranges", path, 3, "95%")
    (own,) = page.session.document.plan.uncertainties
    assert (own.path, own.p10, own.p90) == (path, 0.6, 0.95)


def test_that_ranges_are_pasted_as_one_step(page: Any) -> None:
    page = page()
    page.show_tab("ranges")
    page.tables["ranges"].choose("asic_lots.a1.uptime_fraction", 2)
    paste(page, "ranges", "80%\t96%\n0.1%\t3%")
    own = {u.path: (u.p10, u.p90) for u in page.session.document.plan.uncertainties}
    assert own["asic_lots.a1.uptime_fraction"] == pytest.approx((0.80, 0.96))
    assert own["asic_lots.a1.pool_fee_fraction"] == pytest.approx((0.001, 0.03))
    assert page.session.document.undo_stack.undoText() == "Paste 4 cells into P10 and P90"
    page.session.document.undo()
    assert page.session.document.plan.uncertainties == ()
    page.flush()


def test_that_pasted_observations_fire_a_tripwire(page: Any) -> None:
    plan = dataclasses.replace(sample("briefing"), tripwires=(Tripwire("g1", HASHPRICE, "above", 52.0),))
    page = page(plan)
    page.tables["tripwires"].choose("g1")
    paste(page, "observations", "2026-05-01\t53\n2026-05-20\t54.5\n2026-06-05\t$56.10\nsoon\t50")
    seen = page.session.document.plan.observations
    assert [(o.path, o.date, o.value) for o in seen] == [
        (HASHPRICE, "2026-05-01", 53.0),
        (HASHPRICE, "2026-05-20", 54.5),
        (HASHPRICE, "2026-06-05", 56.1),
    ]
    state = texts(page.tables["tripwires"], "g1")
    assert state[4:7] == ["Fired on 2026-05-30", "$56.10/PH/day", "2026-05-01"]
    page.show_tab("tripwires")
    assert page.about.text() == "1 of 1 has fired: reopen the decision."


def test_that_an_observation_is_added_and_changed_and_removed(page: Any, qtbot: Any) -> None:
    page = page()
    page.show_tab("observations")
    assert page.about.text().startswith("No observations yet. ")
    qtbot.mouseClick(page.buttons["observe"], Qt.MouseButton.LeftButton)
    assert page.about.text().startswith("What inputs turned out to be. ")
    (seen,) = page.session.document.plan.observations
    assert (seen.path, seen.date) == (HASHPRICE, "2026-03-24")
    enter(page, "observations", seen.id, 2, "41")
    enter(page, "observations", seen.id, 0, "2026-04-02")
    enter(page, "observations", seen.id, 1, "rent, powered")
    (changed,) = page.session.document.plan.observations
    assert changed == dataclasses.replace(seen, path=RENT, date="2026-04-02", value=41.0)
    page.tables["observations"].choose(seen.id)
    page.remove_observations()
    assert page.session.document.plan.observations == ()
    page.flush()


def test_that_tables_are_copied_with_their_headings(page: Any) -> None:
    page = page()
    page.tables["distances"].copy_all()
    rows = QApplication.clipboard().text().splitlines()
    assert rows[0].split("\t") == ["Input", "Now", "Flips at", "Move", "Deviations", "Worth most then"]
    assert rows[1].split("\t")[:2] == ["GPU price, Own GPUs", "2.9"]


def test_that_numbers_are_written_and_read_in_the_readers_locale(page: Any) -> None:
    page = page(locale="de_DE")
    assert texts(page.tables["distances"], "ai_offers.o2.price_usd_per_gpu_hour")[1].startswith("$2,90")
    enter(page, "ranges", RENT, 2, "110,5")
    assert page.session.document.plan.uncertainties[0].p10 == 110.5


def test_that_edits_while_a_scenario_is_on_show_go_into_the_plan(page: Any) -> None:
    page = page()
    page.session.show_scenario(page.session.document.plan.scenarios[0].id)
    page.flush()
    enter(page, "ranges", RENT, 2, "111")
    assert page.session.document.plan.uncertainties[0].p10 == 111.0
    page.session.show_scenario("base")
    page.flush()


def test_that_an_empty_plan_says_what_goes_here(page: Any) -> None:
    page = page(empty_plan())
    assert page.stack.currentIndex() == 1


def test_that_a_jump_brings_the_keyboard_to_the_record(page: Any) -> None:
    plan = dataclasses.replace(sample("briefing"), observations=(Observation("b1", HASHPRICE, "2026-05-01", 40.0),))
    page = page(plan)
    page.jump_to("observations.b1.value")
    assert page.tab == "observations"
    assert page.tables["observations"].hasFocus()
    assert page.tables["observations"].current_key == "b1"


def test_that_solving_opens_with_the_figure_on_show(page: Any, qtbot: Any) -> None:
    from app.solve_dialog import SolveDialog

    page = page()
    qtbot.mouseClick(page.buttons["solve"], Qt.MouseButton.LeftButton)
    dialog = page.findChild(SolveDialog)
    assert dialog.figure.path == page.pickers.path
    dialog.flush()
    dialog.reject()


def test_that_a_large_plan_lists_the_ranges_of_the_site_on_show(page: Any) -> None:
    page = page(large_plan(3, 6, 6, 60))
    table = ranges_of(page)
    keys = {line.key for line in table.lines.lines}
    sites = {r.id: r.site_id for r in (*page.session.plan.asic_lots, *page.session.plan.ai_offers)}
    assert {sites[k.split(".")[1]] for k in keys if k.split(".")[1] in sites} == {"s1"}
    page.show_figure("sites.s2.lead_usd_per_mw")
    page.flush()
    keys = {line.key for line in table.lines.lines}
    assert {sites[k.split(".")[1]] for k in keys if k.split(".")[1] in sites} == {"s2"}


def test_that_deleting_an_offer_takes_its_ranges_tripwires_and_observations(page: Any) -> None:
    path = RENT
    plan = dataclasses.replace(
        sample("briefing"),
        uncertainties=(Uncertainty("u1", path, 100.0, 150.0), Uncertainty("u2", HASHPRICE, 20.0, 60.0)),
        tripwires=(Tripwire("g1", path, "below", 120.0),),
        observations=(Observation("b1", path, "2026-05-01", 125.0),),
    )
    page = page(plan)
    delete_records(page.session, "ai_offers", ["o1"])
    left = page.session.document.plan
    assert ([u.id for u in left.uncertainties], left.tripwires, left.observations) == (["u2"], (), ())
    page.session.document.undo()
    assert page.session.document.plan == plan
    page.flush()


def test_that_the_tornado_takes_the_height_of_a_large_window(page: Any) -> None:
    shown = page(width=2000)
    shown.resize(2000, 1300)
    QApplication.processEvents()
    assert shown.view.height() > 0.85 * shown.height()
