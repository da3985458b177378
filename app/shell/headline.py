"""The figures of the header: what they are, and the widget that shows one with its change against the saved plan."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import (
    QSizePolicy,
    QToolTip,
    QWidget,
)

from app import theme
from app.numbers import MISSING, Numbers
from models.results import Results


@dataclass(frozen=True, slots=True)
class Headline:
    """One figure of the header.

    Attributes
    ----------
    caption
        What it is, with the unit.
    value, baseline
        Now and in the saved plan, in `unit`; NaN where it cannot be computed.
    unit
        As field descriptions write it.
    is_money
        Whether it is written short: $1.24M.
    explanation
        One sentence for the tooltip.
    path
        Of the figure, for whoever explains it; empty where there is none.
    narrow
        The caption where there is little room; its end may be cut.
    """

    caption: str
    value: float
    baseline: float
    unit: str
    is_money: bool
    explanation: str
    path: str = ""
    narrow: str = ""


def headlines(now: Results, saved: Results, asic_id: str | None, offer_id: str | None) -> tuple[Headline, ...]:
    """The four figures: hashprice, the chosen pair's margins, and by how much the offer is worth more.

    Parameters
    ----------
    now, saved
        Results on show, and those of the saved plan.
    asic_id, offer_id
        The chosen pair; a figure without its record cannot be computed.
    """

    def figure(results: Results, use_id: str | None, name: str) -> float:
        use = results.by_id.get(use_id or "")
        return math.nan if use is None else getattr(use, name)

    def called(use_id: str | None, missing: str) -> str:
        use = now.by_id.get(use_id or "")
        return missing if use is None else use.name

    def gain(results: Results) -> float:
        mined = figure(results, asic_id, "npv_usd_per_mw") - figure(results, asic_id, "displaced_resale_usd_per_mw")
        return figure(results, offer_id, "npv_usd_per_mw") - mined

    lot, offer = called(asic_id, "no machines yet"), called(offer_id, "no AI offer yet")
    margin = "margin_usd_per_mw_year"
    return (
        Headline(
            "Hashprice /PH/day",
            now.market.spot_hashprice_usd_per_ph_day,
            saved.market.spot_hashprice_usd_per_ph_day,
            "USD",
            False,
            "What one petahash per second earns in a day at the plan's start, before pool fee.",
            "market.hashprice_usd_per_ph_day",
            "Hashprice /PH/day",
        ),
        Headline(
            f"Mining margin /MW-yr · {lot}",
            figure(now, asic_id, margin),
            figure(saved, asic_id, margin),
            "USD",
            True,
            f"Revenue less power and opex of one utility megawatt of {lot}, first twelve months.",
            f"uses.{asic_id}.{margin}" if asic_id else "",
            f"Margin /MW-yr · {lot}",
        ),
        Headline(
            f"AI margin /MW-yr · {offer}",
            figure(now, offer_id, margin),
            figure(saved, offer_id, margin),
            "USD",
            True,
            f"Revenue less power and opex of one utility megawatt of {offer}, first twelve rent months.",
            f"uses.{offer_id}.{margin}" if offer_id else "",
            f"Margin /MW-yr · {offer}",
        ),
        Headline(
            "AI over mining, NPV /MW",
            gain(now),
            gain(saved),
            "USD",
            True,
            f"Net present value of a megawatt of {offer} less that of {lot}, with the resale of machines already paid "
            "credited to the offer; above zero, AI is worth more.",
            f"pairs.{asic_id}.{offer_id}.npv_usd_per_mw" if asic_id and offer_id else "",
            "AI over mining /MW",
        ),
    )


class Figure(QWidget):
    """Caption, figure and change of one headline; a click asks for the break-even page.

    It paints itself: labels in a layout would have the whole header laid out anew with every digit of a dragged lever.

    Attributes
    ----------
    caption, value, change
        The three texts.
    narrow_change
        The change where it has little room.
    change_role
        ``positive``, ``negative`` or ``small``.
    """

    clicked = Signal()

    def __init__(self, numbers: Numbers, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._numbers = numbers
        self.caption = self.value = self.change = self.narrow_change = ""
        self.change_role = "small"
        self._headline: Headline | None = None
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # else header and window are painted under each digit

    @property
    def path(self) -> str | None:
        """Of the figure on show, for whoever explains it."""
        return (self._headline.path or None) if self._headline is not None else None

    def show_headline(self, headline: Headline) -> None:
        """Write the figure and its change against the saved plan."""
        if headline == self._headline:
            return
        self._headline, numbers = headline, self._numbers
        write = numbers.money if headline.is_money else partial(numbers.format, digits=2, unit="USD")
        change = headline.value - headline.baseline
        if not math.isfinite(change):
            text, role = "new" if math.isfinite(headline.value) else "", "small"
        elif abs(change) <= 1e-9 * max(abs(headline.value), abs(headline.baseline)):
            text, role = "", "small"
        else:
            text, role = write(change, sign=True), "positive" if change > 0 else "negative"
        self.caption, self.value = headline.caption, write(headline.value)
        self.change, self.change_role = text, role
        is_short = headline.is_money and role != "small"
        self.narrow_change = numbers.money(change, sign=True, narrow=True) if is_short else text
        self.setAccessibleName(f"{headline.caption}: {self.value} {text}".strip())
        self.update()

    def explanation(self, numbers: Numbers) -> str:
        """What a tooltip says: all digits, the saved plan's figure, and what it means."""
        if self._headline is None or self.value == MISSING:
            return f"{self.caption}: not computed; the findings below say what is missing."
        headline = self._headline
        exact, saved = (numbers.format(v, 2, headline.unit) for v in (headline.value, headline.baseline))
        return f"{headline.caption}: {exact}\nSaved plan: {saved}\n{headline.explanation}"

    def sizeHint(self) -> QSize:
        height = QFontMetrics(theme.font("small")).height() + QFontMetrics(theme.font("headline")).height()
        return QSize(theme.px(150), height + theme.px(2))

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme.tokens()
        painter = QPainter(self)
        painter.fillRect(event.rect(), tokens.color("surface"))
        area = self.rect().adjusted(theme.px(10), 0, -theme.px(4), 0)
        small, large = theme.font("small"), theme.font("headline")
        painter.setFont(small)
        metrics = painter.fontMetrics()
        painter.setPen(tokens.color("muted"))
        caption = self.shown_caption(area.width(), metrics)
        painter.drawText(area, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, caption)
        area.setTop(area.top() + metrics.height())
        painter.setFont(large)
        painter.setPen(tokens.color("text"))
        side = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(area, side, self.value)
        area.setLeft(area.left() + painter.fontMetrics().horizontalAdvance(self.value) + theme.px(7))
        painter.setFont(small)
        painter.setPen(tokens.color({"small": "muted"}.get(self.change_role, self.change_role)))
        painter.drawText(area, side, self.shown_change(area.width(), painter.fontMetrics()))
        if self.hasFocus():
            painter.setPen(QPen(tokens.color("accent"), 1.5))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -2, -2), 4, 4)
        painter.end()

    def shown_caption(self, room: int, metrics: QFontMetrics) -> str:
        """The caption, or where it has no room a shorter one whose quantity and unit come before the name."""
        if self._headline is None or metrics.horizontalAdvance(self.caption) <= room:
            return self.caption
        return metrics.elidedText(self._headline.narrow, Qt.TextElideMode.ElideRight, room)

    def shown_change(self, room: int, metrics: QFontMetrics) -> str:
        """As much of the change as there is room for; one that is cut off would be read as another number."""
        direction = {"positive": "▲", "negative": "▼"}.get(self.change_role, "")
        texts = (self.change, self.narrow_change, direction)
        return next((text for text in texts if metrics.horizontalAdvance(text) <= room), "")

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.explanation(self._numbers), self)
            return True
        return super().event(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.rect().contains(event.position().toPoint()):
            self.clicked.emit()
