"""The words of a look-back, and what explains its figures: sentences, cells and curves of the page of decisions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint

from app.cards import Card
from app.session import Session
from app.tables.line_model import Line
from models.decisions.lookback import LOOKBACK, LookBack

if TYPE_CHECKING:
    from models.explain import Explanation

ACTUALS = "actuals"


class LookbackFigures:
    """Finds the figure behind what the page shows, and explains it while the page is there."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.found: LookBack | None = None
        self._said: Sequence[str] = ()
        session.explainers[LOOKBACK] = self.explanation

    def show(self, found: LookBack | str | None, said: Sequence[str]) -> None:
        """Take what is on show now, and the path that each of its sentences speaks of."""
        self.found, self._said = found if isinstance(found, LookBack) else None, said
        self.session.explanations_changed.emit()

    def of_sentence(self, row: int, _point: QPoint) -> str | None:
        """The figure that a sentence speaks of."""
        return (self._said[row] or None) if row < len(self._said) else None

    def of_curve(self, curve: str) -> str | None:
        """The sum that a curve ends with; of the chart as a whole the regret."""
        return f"{LOOKBACK}.decision.{curve or 'regret_usd'}" if self.found is not None else None

    def of_actual(self, line: Line) -> str | None:
        """An actual value."""
        return f"{LOOKBACK}.{ACTUALS}.{line.key}"

    def explanation(self, path: str) -> Explanation:
        """What the page shows under a path, down to the frozen plan and the actual values.

        Raises
        ------
        KeyError
            Where it shows nothing of it.
        """
        # With the explanations behind it: once somebody asks.
        from models.decisions.explained import explained_actual, explained_lookback

        actuals, today = self.session.document.plan.actuals, self.session.today
        _, what, name = path.split(".", 2)
        if what == ACTUALS:
            line = next((a for a in actuals if a.id == name), None)
            if line is None:
                raise KeyError(path)
            return explained_actual(line, today)
        if self.found is None:
            raise KeyError(path)
        return explained_lookback(self.found, actuals, path, today)


class StoryCard(Card):
    """Says when it has another width or other words, because the height of sentences depends on both."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        super().__init__()
        self._on_change = on_change

    def needed_height(self) -> int:
        """The height at which all is seen at the present width."""
        layout = self.layout()
        layout.invalidate()
        if layout.hasHeightForWidth():
            return max(layout.totalHeightForWidth(self.width()), 0)
        return layout.sizeHint().height()

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self._on_change()
        return super().event(event)
