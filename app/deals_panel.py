"""Disclosed deals beside the user's own offer: a strip of dots with the own price marked, and the deals with source."""

from __future__ import annotations

from statistics import median

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.cards import label
from app.data_out import offer as offer_out
from app.numbers import MISSING, Numbers
from app.session import Session
from app.tables.item_models import LEFT, RIGHT
from app.word_lines import in_lines
from models.catalogue import Deal, average_rent, deal_rank, gpu_prices, priced_leases
from models.catalogue_sheets import gpu_price_sheet, lease_sheet
from models.fields import Schedule
from models.plan import LEASE, AiOffer
from models.sheets import Sheet

NAME_WIDTH = 190
ROW_PX, CELL_PX = 27, 22
ALWAYS_SHOWN = 3
"""Columns that are seen however narrow the table is: whose, at what price, how large."""
MARKET_WORDS = {
    "on_demand": "on demand",
    "one_year": "1-year contract",
    "five_year": "5-year contract",
    "spot_index": "spot index",
}


class DotStrip(QWidget):
    """Prices as dots on one line, their median as a tick, the own price as a labelled mark."""

    def __init__(self, numbers: Numbers, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._numbers = numbers
        self._dots: list[tuple[float, str]] = []
        self._own: float | None = None
        self._digits = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)

    def show_prices(self, dots: list[tuple[float, str]], own: float | None, digits: int) -> None:
        """Show prices with their names, and one's own among them."""
        self._dots, self._own, self._digits = dots, own, digits
        words = "" if own is None else f", your own {self._numbers.number(own, digits)}"
        self.setAccessibleName(f"{len(dots)} disclosed prices{words}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(260), theme.px(66))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(160), theme.px(66))

    def _ends(self) -> tuple[float, float]:
        values = [v for v, _ in self._dots] + ([self._own] if self._own is not None else [])
        low, high = min(values, default=0.0), max(values, default=1.0)
        room = (high - low or abs(high) or 1.0) * 0.06
        return low - room, high + room

    def x_of(self, value: float) -> float:
        """Where a price stands [px]."""
        low, high = self._ends()
        left, right = theme.px(14), self.width() - theme.px(14)
        return left + (value - low) / (high - low) * (right - left)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._dots:
            return
        colors = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font("small"))
        middle = self.height() / 2
        painter.setPen(QPen(colors.color("border"), theme.px(2)))
        painter.drawLine(QPointF(theme.px(6), middle), QPointF(self.width() - theme.px(6), middle))
        center = median(v for v, _ in self._dots)
        x = self.x_of(center)
        painter.setPen(QPen(colors.color("muted"), 1.5))
        painter.drawLine(QPointF(x, middle - theme.px(9)), QPointF(x, middle + theme.px(9)))
        painter.setPen(colors.color("muted"))
        self._write(painter, x, middle + theme.px(11), f"median {self._numbers.number(center, self._digits)}")
        dot = colors.color("muted")
        dot.setAlphaF(0.6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(dot)
        for value, _ in self._dots:
            painter.drawEllipse(QPointF(self.x_of(value), middle), theme.px(4), theme.px(4))
        if self._own is not None:
            x = self.x_of(self._own)
            painter.setBrush(colors.color("accent"))
            painter.setPen(QPen(colors.color("surface"), theme.px(2)))
            painter.drawEllipse(QPointF(x, middle), theme.px(7), theme.px(7))
            painter.setPen(colors.color("accent"))
            painter.setFont(theme.font("strong"))
            self._write(painter, x, middle - theme.px(28), f"yours {self._numbers.number(self._own, self._digits)}")
        painter.end()

    def _write(self, painter: QPainter, x: float, top: float, text: str) -> None:
        """Text centred on a place, and within the strip."""
        width = painter.fontMetrics().horizontalAdvance(text)
        left = min(max(x - width / 2, 0), self.width() - width)
        box = QRectF(left, top, width + 1, painter.fontMetrics().height())
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def event(self, event: object) -> bool:
        if isinstance(event, QHelpEvent) and self._dots:
            value, words = min(self._dots, key=lambda d: abs(self.x_of(d[0]) - event.pos().x()))
            QToolTip.showText(event.globalPos(), f"{words}: {self._numbers.number(value, self._digits)}", self)
            return True
        return super().event(event)  # type: ignore[arg-type]


class DealsPanel(QWidget):
    """What others agreed on, for the kind of the offer on show."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.sentence = label("", "body", wrap=True)
        self.strip = DotStrip(session.numbers)
        self.grid = QTableWidget()
        self.grid.setTabKeyNavigation(False)
        self.grid.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.grid.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.grid.setShowGrid(False)
        self.grid.setWordWrap(False)
        self.grid.verticalHeader().hide()
        self.grid.verticalHeader().setDefaultSectionSize(theme.px(ROW_PX))
        self.grid.setAccessibleName("Disclosed deals")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(6))
        column.addWidget(self.sentence)
        column.addWidget(self.strip)
        column.addWidget(self.grid, 1)
        self._shown = ""
        self._names: list[str] = []
        self._name_width = 0
        self.grid.viewport().installEventFilter(self)  # whose width is known later than the panel's
        offer_out(self, session, self.sheet, own_menu=True)

    def content_height(self) -> int:
        """The height at which all deals are seen."""
        return self.grid.verticalHeader().length() + theme.px(130) + self.grid.horizontalHeader().sizeHint().height()

    def show_offer(self, offer: AiOffer | None) -> None:
        """Compare with an offer; with none, show the leases alone."""
        if offer is None or offer.kind == LEASE:
            self._show_leases(offer)
        else:
            self._show_gpu_prices(offer)

    def sheet(self) -> Sheet | None:
        """The deals on show as a table to export."""
        if self._shown == "lease":
            return lease_sheet(priced_leases())
        return gpu_price_sheet(gpu_prices()[::-1]) if self._shown == "gpu" else None

    def _show_leases(self, offer: AiOffer | None) -> None:
        numbers, deals = self.session.numbers, priced_leases()
        own = _average_rent(offer)
        rents = [(d.average_rent_usd_per_it_kw_month or 0.0, d.name) for d in deals]
        self.strip.show_prices(rents, own, 0)
        if own is None:
            self.sentence.setText(
                "What disclosed leases pay per kW of critical IT and month, averaged over their terms."
            )
        else:
            rank = deal_rank(own)
            place = f"more than {rank.below} of {rank.count} disclosed leases"
            if not rank.below:
                place = f"less than any of the {rank.count} disclosed leases"
            average = numbers.format(own, 2, "USD/IT kW-month")
            self.sentence.setText(f"Your rent averages {average} over its term: {place}.")
        headings = ("Landlord – tenant", "$/kW-month", "IT MW", "Years", "Escalator", "Announced", "Source")
        rows = [self._lease_row(d) for d in deals]
        self._fill("lease", headings, rows, [d.address for d in deals], [d.note for d in deals])

    def _lease_row(self, deal: Deal) -> tuple[str, ...]:
        write, escalator = self.session.numbers.number, deal.escalator_fraction_per_year
        return (
            deal.name,
            write(deal.average_rent_usd_per_it_kw_month, 0),
            MISSING if deal.critical_it_mw is None else write(deal.critical_it_mw, 0),
            MISSING if deal.term_years is None else write(deal.term_years, 0),
            MISSING if escalator is None else self.session.numbers.percent(escalator),
            deal.announced,
            _source(deal.address, deal.source_quality),
        )

    def _show_gpu_prices(self, offer: AiOffer) -> None:
        numbers, prices = self.session.numbers, gpu_prices()
        price = offer.price_usd_per_gpu_hour
        own = price.values[0] if isinstance(price, Schedule) else price
        dots = [(p.price_usd_per_gpu_hour, f"{p.gpu}, {p.month}, {MARKET_WORDS.get(p.kind, p.kind)}") for p in prices]
        self.strip.show_prices(dots, own, 2)
        self.sentence.setText(
            "Published prices of a GPU-hour. On-demand, one-year and five-year contracts are different markets: "
            "compare with yours only."
        )
        headings = ("GPU", "$/GPU-hour", "Month", "Market", "Source")
        rows = [
            (
                p.gpu,
                numbers.number(p.price_usd_per_gpu_hour, 2),
                numbers.month(p.month),
                MARKET_WORDS.get(p.kind, p.kind),
                _source(p.address, p.source_quality),
            )
            for p in reversed(prices)
        ]
        self._fill("gpu", headings, rows, [p.address for p in reversed(prices)], [p.note for p in reversed(prices)])

    def _fill(
        self, kind: str, headings: tuple[str, ...], rows: list[tuple[str, ...]], addresses: list[str], notes: list[str]
    ) -> None:
        if kind == self._shown:
            return
        self._shown = kind
        self._names = [texts[0] for texts in rows]
        self.grid.clear()
        self.grid.setColumnCount(len(headings))
        self.grid.setRowCount(len(rows))
        self.grid.setHorizontalHeaderLabels(list(headings))
        for column, heading in enumerate(headings):
            is_number = heading in ("IT MW", "Years", "$/kW-month", "Escalator", "$/GPU-hour")
            self.grid.horizontalHeaderItem(column).setTextAlignment(RIGHT if is_number else LEFT)
            for row, texts in enumerate(rows):
                item = QTableWidgetItem(texts[column])
                item.setTextAlignment(RIGHT if is_number else LEFT)
                whole = ", ".join(f"{h}: {t}" for h, t in zip(headings[1:], texts[1:], strict=True))
                item.setToolTip("\n".join(filter(None, (texts[0], whole, notes[row], addresses[row]))))
                self.grid.setItem(row, column, item)
        self._fit_columns()

    def _fit_columns(self) -> None:
        for row, name in enumerate(self._names):
            self.grid.item(row, 0).setText(name)
        self.grid.resizeColumnsToContents()
        self._name_width = self.grid.columnWidth(0)
        self._fit_names()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and self._shown:
            self._fit_columns()

    def _fit_names(self) -> None:
        """Names get what the other columns leave, at least a readable part and no more than they need.

        Where the last columns find no room they are scrolled to, and names take what would show half of the next one: a
        number cut at the edge is read as another one.
        """
        room, others = self.grid.viewport().width(), 0
        widths = [self.grid.columnWidth(column) for column in range(self.grid.columnCount())]
        for column, width in enumerate(widths[1:], start=1):
            if column >= ALWAYS_SHOWN and room - others - width < theme.px(NAME_WIDTH):
                names = room - others
                break
            others += width
        else:
            names = min(self._name_width, max(room - others, theme.px(NAME_WIDTH)))
        self.grid.setColumnWidth(0, names)
        self._wrap_names(names - theme.px(CELL_PX))

    def _wrap_names(self, room: int) -> None:
        """Write names in more lines where one is too short: deals of one landlord are told apart by their ends."""
        metrics = self.grid.fontMetrics()
        for row, name in enumerate(self._names):
            words = in_lines(name, room, metrics)
            self.grid.item(row, 0).setText(words)
            self.grid.setRowHeight(row, theme.px(ROW_PX) + words.count("\n") * metrics.lineSpacing())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # A scroll bar that comes or goes with a column makes the place below it another height: that is no reason.
        if isinstance(event, QResizeEvent) and self._shown and event.size().width() != event.oldSize().width():
            self._fit_names()
        return False


def _average_rent(offer: AiOffer | None) -> float | None:
    """An offer's rent averaged over its term, as deals are disclosed [USD per kW of critical IT and month]."""
    if offer is None or offer.rent_usd_per_it_kw_month is None:
        return None
    rent = offer.rent_usd_per_it_kw_month
    if isinstance(rent, Schedule):
        return sum(rent.values) / len(rent.values)
    return average_rent(rent, offer.escalator_fraction_per_year, offer.term_months / 12)


def _source(address: str, quality: str) -> str:
    host = address.partition("//")[2].partition("/")[0].removeprefix("www.")
    return " · ".join(filter(None, (host, quality)))
