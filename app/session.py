"""What the pages share: the document, its results, the scenario on show, the chosen pair, and ways to jump about.

Pages read `plan` and `results` and write through `edit` or `set_value`. While a scenario is on show, `plan` has its
overrides applied, and an edited value goes into the scenario, not into the base; records that come or go always change
the base.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QLocale, QObject, Signal

from app.after_plots import AfterPlots
from app.files.document import Document
from app.numbers import Numbers
from app.recompute import Recompute
from app.settings import Pair, Settings
from app.today import today
from app.unfinished import Unfinished
from models.defaults import with_usual_levers
from models.drivers import BTC_PRICE, HASHPRICE, driver, problem_at, with_value
from models.fields import replace
from models.plan import Plan
from models.problems import Finding, Repair
from models.results import Results
from models.scenario_edits import edited
from models.scenarios import BASE, plan_for, scenario_by_name, set_in
from models.sentences import Sentence
from models.snoozes import standing

if TYPE_CHECKING:
    from models.bills.flexibility import Flexibility
    from models.explain import Explanation

MOST_LOTS_IN_A_DRAG = 12
"""The ledger of more lots would cost a dragged lever its frame."""


class Session(QObject):
    """One open plan with everything that the pages need of it.

    Parameters
    ----------
    document
        The open plan with its undo stack.
    settings
        What the user's machine remembers.
    numbers
        How numbers are written and read; in the system's locale where None.

    Signals
    -------
    plan_changed
        `plan` is another one: edited, undone, or another scenario is on show. Results follow.
    results_changed
        New `results`; the one signal that pages redraw on.
    scenario_changed
        Another scenario is on show; its results follow.
    chosen_changed
        Another pair of lot and offer was chosen.
    day_changed
        A window that was left open has come to another day: ages are others.
    page_requested
        Name of the page to show.
    selection_requested
        Path of the record or field to show; its page is visible by then.
    message
        A sentence for the status line.
    explain_requested
        Path of a figure or input to explain.
    explanations_changed
        Something in `explainers` would now answer otherwise, although the plan is the same.
    figures_listed
        Figures by name, of which one shall be chosen, and what is asked.
    command_requested
        Id of a command of `app.shell.commands` to carry out.
    typing_ends
        What is typed and not in the plan yet must go there now: the plan is about to be saved, exported, undone, left.
    begin_requested, open_requested, recover_requested
        A plan to begin with, the path of a plan file to open, or a recovery copy to go on with; unsaved edits are
        asked about first.
    """

    plan_changed = Signal()
    results_changed = Signal(object)
    scenario_changed = Signal(str)
    chosen_changed = Signal()
    day_changed = Signal()
    page_requested = Signal(str)
    selection_requested = Signal(str)
    message = Signal(str)
    drag_changed = Signal(bool)
    explain_requested = Signal(str)
    explanations_changed = Signal()
    figures_listed = Signal(object, str)
    command_requested = Signal(str)
    typing_ends = Signal()
    begin_requested = Signal(object)
    open_requested = Signal(object)
    recover_requested = Signal(object)

    def __init__(self, document: Document, settings: Settings, numbers: Numbers | None = None) -> None:
        super().__init__()
        self.document = document
        self.settings = settings
        self.numbers = numbers or Numbers(user_locale())
        self._fixed_day: date | None = None
        self.recompute = Recompute(self)
        self.after_plots = AfterPlots(self)
        self.unfinished = Unfinished(document)
        self.scenario_id = BASE
        self.chosen_asic_id: str | None = None
        self.chosen_offer_id: str | None = None
        self._pairs_of = -1
        self._earlier_pairs: list[Pair] = []
        self.is_dragging = False
        self.explainers: dict[str, Callable[[str], Explanation]] = {}
        """What explains figures that are no figures of the plan on show, by the first word of
        their paths; a dialog's while it is open."""
        self._ledger: tuple[Plan, dict[str, Flexibility]] | None = None
        self._shown: tuple[Plan, str, Plan] | None = None
        document.plan_changed.connect(self._follow_plan)
        document.stepped.connect(self._follow_step)
        self.recompute.results_changed.connect(self.results_changed)
        self._choose_pair()
        self.recompute.request(document.plan, self.scenario_id)

    @property
    def today(self) -> date:
        """The day, which goes on while a window is left open; setting one holds it."""
        return self._fixed_day or today()

    @today.setter
    def today(self, day: date) -> None:
        self._fixed_day = day

    # What is on show

    @property
    def plan(self) -> Plan:
        """The plan on show: the document's, with the chosen scenario's overrides applied."""
        base = self.document.plan
        if self._shown is None or self._shown[0] is not base or self._shown[1] != self.scenario_id:
            scenario = scenario_by_name(base, self.scenario_id)
            self._shown = (base, self.scenario_id, plan_for(base, scenario))
        return self._shown[2]

    @property
    def set_in(self) -> dict[str, str]:
        """The inputs at which the scenario on show differs from the plan, with the name of the one that sets them."""
        return set_in(self.document.plan, self.scenario_id)

    @property
    def results(self) -> Results:
        """Results of `plan`; while a worker is busy with a large plan, those of the plan before."""
        if self.recompute.results is None:
            self.recompute.flush()
        assert self.recompute.results is not None
        return self.recompute.results

    @property
    def flexibility(self) -> dict[str, Flexibility]:
        """What stopping earns every lot of `plan`, by id; a large plan's waits while a lever is dragged."""
        from models.bills.flexibility import flexibility

        plan, kept = self.plan, self._ledger
        waits = self.is_dragging and len(plan.asic_lots) > MOST_LOTS_IN_A_DRAG
        known = kept is not None and all(lot.id in kept[1] for lot in plan.asic_lots)
        if kept is None or (kept[0] is not plan and not (waits and known)):
            kept = self._ledger = (plan, flexibility(plan))
        return kept[1]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is questionable in `results` and was not set aside; of a large plan for a moment what was before."""
        return standing(self.document.plan, self.recompute.findings_of(self.results))

    @property
    def baseline_results(self) -> Results:
        """Results of the base case as it was saved or opened: what ghosts and changes are measured against."""
        return self.recompute.baseline(self.document.saved_plan)

    def show_scenario(self, scenario_id: str) -> None:
        """Put another scenario on show; ``base`` for none."""
        if scenario_id != self.scenario_id:
            self.scenario_id = scenario_id
            self.scenario_changed.emit(scenario_id)
            self.plan_changed.emit()
            self.recompute.request(self.document.plan, scenario_id)

    # Editing

    def edit(self, text: str, new_plan: Plan, merge_key: Any = None) -> None:
        """Make an edited copy of `plan` the next plan, as one named undo step.

        Parameters
        ----------
        text
            What the step is called in the Edit menu: "Paste 36 cells".
        new_plan
            Made from `plan`. While a scenario is on show, changed values become its overrides. With the first contract,
            lot or offer of a kind its levers are pinned.
        merge_key
            Steps in sequence with an equal key are one step: a slider's drag.
        """
        new_plan = with_usual_levers(new_plan, self.plan)
        if self.scenario_id != BASE:
            new_plan = edited(self.document.plan, self.scenario_id, new_plan)
        self.document.edit(text, new_plan, merge_key, place=self.scenario_id)

    def repair(self, repair: Repair) -> None:
        """Apply a finding's repair as one named undo step."""
        plan = self.plan
        for path, value in repair.changes:
            plan = replace(plan, path, value)
        self.edit(self.numbers.say(repair.label), plan)

    def edit_base(self, text: str, new_plan: Plan, scenario_id: str | None = None) -> None:
        """Make an edited copy of the document's own plan the next one: pins, scenarios, names.

        Parameters
        ----------
        scenario_id
            The scenario that undo and redo put on show; the one on show now where None.
        """
        self.document.edit(text, new_plan, place=scenario_id or self.scenario_id)

    def set_value(self, path: str, value: Any, text: str | None = None, merge_key: Any = None) -> str:
        """Change one value by its path, derived ones (hashprice) included.

        Returns
        -------
        str
            Why it was not changed: a hashprice that needs a BTC price no plan can hold, a number by which a monthly
            table would grow out of its bounds. Empty where it was.

        Raises
        ------
        KeyError
            Where the plan has no such path.
        """
        plan = self.plan
        changed = with_value(plan, path, value)
        problem = problem_at(changed, path)
        if problem:
            label = driver(plan, path).label
            return self.numbers.say(Sentence("{label} cannot be that: {problem}.", label=label, problem=problem))
        self.edit(text or f"Change {driver(plan, path).label}", changed, merge_key)
        return ""

    def begin_drag(self) -> None:
        """Say that a lever or a point is being dragged, until `end_drag`."""
        if not self.is_dragging:
            self.is_dragging = True
            self.after_plots.hold(True)
            self.drag_changed.emit(True)

    def end_drag(self) -> None:
        """Say that it was let go."""
        if self.is_dragging:
            self.is_dragging = False
            self.after_plots.hold(False)
            self.drag_changed.emit(False)

    @property
    def former_plan(self) -> Plan:
        """What ghosts are of: the saved plan, or where that does not know the chosen pair yet, the plan a step ago."""
        saved = self.document.saved_plan
        known = {*(a.id for a in saved.asic_lots), *(o.id for o in saved.ai_offers), None}
        return saved if {self.chosen_asic_id, self.chosen_offer_id} <= known else self.document.plan_before_last_step

    # Going places

    def go_to(self, page: str, path: str | None = None) -> None:
        """Show a page, and a record or field on it."""
        self.page_requested.emit(page)
        if path is not None:
            self.selection_requested.emit(path)

    def select(self, path: str) -> None:
        """Show the record or field at a path, on the page where it is edited; for hashprice the price that it moves."""
        self.go_to(page_of(path), BTC_PRICE if path == HASHPRICE else path)

    def choose(self, asic_id: str | None = None, offer_id: str | None = None) -> None:
        """Choose the lot and the offer that the frontier and the header compare; None leaves one as it is."""
        pair = (asic_id or self.chosen_asic_id, offer_id or self.chosen_offer_id)
        self._show_pair(pair)

    def _show_pair(self, pair: Pair) -> None:
        """Show a pair; of a plan that has a file it is shown again when that is next opened."""
        now = (self.chosen_asic_id, self.chosen_offer_id)
        if pair != now:
            if self.document.path is not None:
                self.settings.keep_pair(self.document.path, pair)
            self._earlier_pairs = [*(p for p in self._earlier_pairs if p not in (now, pair)), now][-MOST_PAIRS:]
            self.chosen_asic_id, self.chosen_offer_id = pair
            self.chosen_changed.emit()

    # Following the document

    def _follow_plan(self, _old: Plan, new: Plan) -> None:
        if self.scenario_id != BASE and all(s.id != self.scenario_id for s in new.scenarios):
            self.scenario_id = BASE
            self.scenario_changed.emit(BASE)
        self._choose_pair()
        self.plan_changed.emit()
        self.recompute.request(new, self.scenario_id)

    def _follow_step(self, scenario_id: str) -> None:
        """Show the scenario in which a step was made that was undone or redone: elsewhere nothing would be seen."""
        if scenario_id == BASE or any(s.id == scenario_id for s in self.document.plan.scenarios):
            self.show_scenario(scenario_id)

    def _choose_pair(self) -> None:
        """Keep of the chosen pair what is still there, beside it what was chosen with it before, or shares its site.

        When an import is undone, the pair that was on show before it is on show again.
        """
        plan = self.document.plan
        lots, offers = plan.asic_lots, plan.ai_offers
        now = (self.chosen_asic_id, self.chosen_offer_id)
        if self._pairs_of != self.document.number:
            self._pairs_of, self._earlier_pairs = self.document.number, []
            now = self.settings.pair_of(self.document.path)
        ids = {a.id for a in lots} or {None}, {o.id for o in offers} or {None}
        if now[0] in ids[0] and now[1] in ids[1]:
            self._show_pair(now)
            return
        pairs = [(a.id, o.id) for a in lots for o in offers if a.site_id == o.site_id]
        alone: Pair = (lots[0].id if lots else None, offers[0].id if offers else None)
        known = [p for p in reversed(self._earlier_pairs) if p[0] in ids[0] and p[1] in ids[1]]
        # Of equals, max takes the first.
        self._show_pair(max([*known, *pairs], key=lambda p: (p[0] == now[0]) + (p[1] == now[1]), default=alone))


MOST_PAIRS = 20
"""Of those that were chosen before."""
PAGE_OF_TABLE = {
    "plan": "market",
    "market": "market",
    "assumptions": "market",
    "sites": "sites",
    "power_contracts": "sites",
    "asic_lots": "fleet",
    "ai_offers": "offers",
    "splits": "sites",
    "evidence": "evidence",
    "uncertainties": "sensitivity",
    "tripwires": "sensitivity",
    "observations": "sensitivity",
    "snoozes": "market",
    "memo_parts": "memo",
    "decisions": "decisions",
    "decided_uses": "decisions",
    "actuals": "decisions",
    "scenarios": "scenarios",
    "price_series": "sites",
    "price_steps": "sites",
    "tou_periods": "sites",
    "meter_series": "sites",
}


def page_of(path: str) -> str:
    """Name of the page on which a record or field is edited."""
    return PAGE_OF_TABLE.get(path.partition(".")[0], "start")


def user_locale() -> QLocale:
    """The system's locale; American English where there is none, because "C" writes a million as 1000000."""
    system = QLocale.system()
    return QLocale("en_US") if system.language() == QLocale.Language.C else system
