"""Two pickers for one figure of the results: whose it is, and which of its figures. A pair has its crossovers."""

from __future__ import annotations

import math

from PySide6.QtCore import QObject, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QWidget

from app.picker import Picker
from models.figures import (
    BASIS_WORDS,
    CROSSOVER_KINDS,
    MARKET_KINDS,
    POWER_KINDS,
    SITE_KINDS,
    USE_KINDS,
    crossover_names,
    names_of,
    pairs_of,
)
from models.plan import Plan
from models.results import BASES, Results
from models.use_names import named_at_site

ALL_USE_KINDS = USE_KINDS | POWER_KINDS
FIRST_NAME = "npv_usd_per_mw"
FIRST_CROSSOVER = "npv.btc_price_usd"
OUT_OF_REACH = "out of reach"


class FigurePickers(QObject):
    """Chooses a figure; what no value reaches is said in its name.

    Signals
    -------
    chosen
        Path of another figure was chosen.

    Attributes
    ----------
    path
        Of the figure on show; empty where there is none yet.
    owner, figure
        The pickers.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.path = ""
        self.owner = _picker("Of", "The site, use or pair whose figure it is", parent)
        self.figure = _picker("Figure", "The figure that the inputs move", parent)
        self.owner.activated.connect(self._choose_owner)
        self.figure.activated.connect(self._choose_figure)
        self._plan: Plan | None = None
        self._results: Results | None = None
        self._listed: object = None

    def show(self, plan: Plan, results: Results, wanted_use: str | None) -> None:
        """List what there is; a figure that has gone gives way to the NPV of a use, or to a site's lead."""
        self._plan, self._results = plan, results
        owners = owners_of(plan, results)
        # Whether a crossover is in reach changes with the plan.
        of_pair = self.path.startswith("crossovers.") and owner_of(self.path) in dict(owners)
        kinds = kinds_of(owner_of(self.path), plan, results) if of_pair else []
        listed = (tuple(owners), self.path, tuple(kinds))
        if listed == self._listed:
            return
        known = [path for path, _ in owners]
        if owner_of(self.path) not in known:
            use = f"uses.{wanted_use}"
            self.path = f"{use}.{FIRST_NAME}" if use in known else f"{known[0]}.lead_usd_per_mw"
        owner = owner_of(self.path)
        _fill(self.owner, owners, owner)
        _fill(self.figure, kinds_of(owner, plan, results), self.path)
        self._listed = (tuple(owners), self.path, tuple(kinds))

    def _choose_owner(self) -> None:
        assert self._plan is not None
        assert self._results is not None
        owner, name = self.owner.currentData(), self.path.removeprefix(f"{owner_of(self.path)}.")
        paths = [path for path, _ in kinds_of(owner, self._plan, self._results)]
        wanted = (f"{owner}.{n}" for n in (name, FIRST_NAME, FIRST_CROSSOVER))
        self.choose(next((p for p in wanted if p in paths), paths[0]))

    def _choose_figure(self) -> None:
        self.choose(self.figure.currentData())

    def choose(self, path: str) -> None:
        """Choose a figure by its path."""
        self.path = path
        self.chosen.emit(path)


def owner_of(path: str) -> str:
    """The beginning of a figure's path: whose it is.

    Examples
    --------
    >>> owner_of("uses.a1.npv_usd_per_mw"), owner_of("crossovers.a1.o1.npv.btc_price_usd")
    ('uses.a1', 'crossovers.a1.o1')
    """
    return ".".join(path.split(".")[:3]) if path.startswith("crossovers.") else path.rpartition(".")[0]


def owners_of(plan: Plan, results: Results) -> list[tuple[str, str]]:
    """Sites with uses, uses, the market and pairs: the beginning of their figures' paths, and what they are called."""
    names, uses = {s.id: s.name for s in plan.sites}, named_at_site(plan)
    with_uses = {use.site_id for use in results.uses}
    owners = [(f"sites.{s.id}", s.name) for s in plan.sites if s.id in with_uses]
    for use in results.uses:
        where = f" · {names.get(use.site_id, use.site_id)}" if len(names) > 1 else ""
        owners.append((f"uses.{use.id}", f"{uses[use.id]}{where}"))
    owners.append(("market", "Market"))
    site_of = {lot.id: lot.site_id for lot in plan.asic_lots}
    for asic_id, offer_id in pairs_of(plan):
        where = f" · {names.get(site_of[asic_id], site_of[asic_id])}" if len(names) > 1 else ""
        owners.append((f"crossovers.{asic_id}.{offer_id}", f"{uses[asic_id]} = {uses[offer_id]}{where}"))
    return owners


def kinds_of(owner: str, plan: Plan, results: Results) -> list[tuple[str, str]]:
    """The figures of an owner: paths, and what they are called; of a pair also which of them no value reaches."""
    if owner.startswith("crossovers."):
        _, asic_id, offer_id = owner.split(".")
        found = []
        for basis in reversed(BASES):
            row = results.crossover(asic_id, offer_id, basis)
            for name in crossover_names(plan, offer_id):
                reached = row is not None and math.isfinite(getattr(row, name))
                words = f"{CROSSOVER_KINDS[name].label}, on {BASIS_WORDS[basis]}"
                found.append((f"{owner}.{basis}.{name}", words if reached else f"{words} ({OUT_OF_REACH})"))
        return found
    if owner == "market":
        kinds = {name: kind.label for name, kind in MARKET_KINDS.items() if name != "hashprice_btc_per_ph_day"}
    elif owner.startswith("sites."):
        kinds = {name: kind.label for name, kind in SITE_KINDS.items()}
    else:
        kinds = {name: ALL_USE_KINDS[name].label for name in names_of(results.by_id[owner.partition(".")[2]])}
    return [(f"{owner}.{name}", words) for name, words in kinds.items()]


def _picker(name: str, help_text: str, parent: QWidget) -> QComboBox:
    picker = Picker(parent)
    picker.setAccessibleName(name)
    picker.setToolTip(help_text)
    picker.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    picker.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    picker.setMinimumContentsLength(10)
    picker.setMaxVisibleItems(24)
    return picker


def _fill(picker: QComboBox, choices: list[tuple[str, str]], chosen: str) -> None:
    with QSignalBlocker(picker):
        if choices != [(picker.itemData(k), picker.itemText(k)) for k in range(picker.count())]:
            picker.clear()
            for stored, words in choices:
                picker.addItem(words, stored)
                picker.setItemData(picker.count() - 1, words, Qt.ItemDataRole.ToolTipRole)
        picker.setCurrentIndex(picker.findData(chosen))
