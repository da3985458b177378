"""The memo's pages on screen: typeset off the GUI thread, the newest request wins, as sharp as the screen allows."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from datetime import date
from functools import partial

from PySide6.QtCore import (
    QEvent,
    QObject,
    QPoint,
    QPointF,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QEnterEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from app import theme
from app.latest import Latest
from app.memo.files import content_of
from app.memo.one_page import continued_words
from app.memo.pdf import FigureBox
from models.memo.parts import MemoContent
from models.plan import Plan

PAGE_INCHES = (8.5, 11.0)
POINTS_PER_INCH = 72.0
WIDEST_PAGE = 900
GAP = 16
KEPT_IMAGES = 6
"""Decoded pages that are kept: at double density one takes 16 MB, its PNG a hundredth of that."""
SETTLE_MS = 160
PAPER = QColor("#ffffff")
HOVERED = QColor("#2257e0")
"""The memo's own accent: the paper is white in either theme."""
ROOM_PX = 3
"""Around a figure, so that it is easily pointed at."""


class MemoWriter(QObject):
    """Writes a plan's memo and typesets its pages in a worker.

    Signals
    -------
    content_ready
        With the `MemoContent`, before its pages are typeset.
    pages_ready
        With the pages as PNG bytes, and the user's words that only begin on the first; see `continued_words`.
    """

    content_ready = Signal(object)
    pages_ready = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._contents, self._pages = Latest(self), Latest(self)
        self._ppi = 0.0
        self._contents.done.connect(self._accept_content)
        self._pages.done.connect(self._accept_pages)

    @property
    def is_busy(self) -> bool:
        """Whether a worker is still at it."""
        return self._contents.is_busy or self._pages.is_busy

    def request(self, plan: Plan, scenario_id: str, as_of: date, ppi: float) -> None:
        """Write and typeset a plan's memo; what an earlier request has not delivered by then is dropped."""
        self.cancel()
        self._ppi = ppi
        self._contents.request(partial(content_of, plan, as_of, scenario_id))

    def cancel(self) -> None:
        """Want nothing of what was asked for any more."""
        self._contents.cancel()
        self._pages.cancel()

    def stop(self) -> None:
        """Wait for what is at work, and want nothing of it."""
        self._contents.stop()
        self._pages.stop()

    def flush(self) -> None:
        """Wait until the newest request has been delivered."""
        while self.is_busy:
            self._contents.flush()
            self._pages.flush()

    def _accept_content(self, content: MemoContent) -> None:
        self.content_ready.emit(content)
        self._pages.request(partial(_typeset, content, self._ppi))

    def _accept_pages(self, pages: tuple[tuple[bytes, ...], dict[str, int]]) -> None:
        self.pages_ready.emit(*pages)


def _typeset(content: MemoContent, ppi: float) -> tuple[tuple[bytes, ...], dict[str, int]]:
    """The pages as PNG, and which words only begin on the first."""
    from app.memo.pdf import memo_pages_png, on_paper

    return tuple(memo_pages_png(content, ppi)), continued_words(on_paper(content)[0])


class MemoPages(QScrollArea):
    """Pages below each other, as wide as the window allows; of a long memo only what is in view is decoded.

    Signals
    -------
    ppi_changed
        Pages should be typeset for another width or screen.
    boxes_wanted
        Somebody comes near the pages: where their figures stand will be asked for.
    hovered
        With the `FigureBox` that the mouse came upon; None when it left it.
    asked
        With the `FigureBox` that was double-clicked.
    menu_wanted
        With the `FigureBox` whose menu is wanted, or None, and the place for the menu.
    """

    ppi_changed = Signal()
    boxes_wanted = Signal()
    hovered = Signal(object)
    asked = Signal(object)
    menu_wanted = Signal(object, QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Preview of the memo")
        self._sheets = _Sheets(self)
        self.setWidget(self._sheets)
        theme.theme_changed.connect(self._sheets.update)

    @property
    def page_width(self) -> int:
        """Of a page on screen, in device-independent pixels."""
        return max(min(self.viewport().width() - 2 * GAP, theme.px(WIDEST_PAGE)), 120)

    @property
    def ppi(self) -> float:
        """Pixels per inch that make one pixel of a page one pixel of this screen."""
        return self.page_width * self.devicePixelRatioF() / PAGE_INCHES[0]

    @property
    def count(self) -> int:
        """How many pages there are."""
        return len(self._sheets.pages)

    def show_pages(self, pages: tuple[bytes, ...]) -> None:
        """Show other pages; the place that was being read stays in view."""
        self._sheets.set_pages(pages)
        self._sheets.set_width(self.page_width)
        if self._sheets.underMouse():
            self.boxes_wanted.emit()

    def show_boxes(self, boxes: Sequence[FigureBox]) -> None:
        """Say where on the pages on show figures stand."""
        self._sheets.set_boxes(boxes)

    @property
    def has_boxes(self) -> bool:
        """Whether it is known where the figures stand."""
        return bool(self._sheets.boxes)

    def box_at(self, point: QPoint) -> FigureBox | None:
        """The figure at a point of this widget."""
        return self._sheets.box_at(QPointF(self._sheets.mapFrom(self, point)))

    def focus_point(self) -> QPoint:
        """Where the figure under the mouse is; outside where there is none."""
        box = self._sheets.now
        return QPoint(-1, -1) if box is None else self._sheets.mapTo(self, self._sheets.area_of(box).center().toPoint())

    def set_hint(self, words: str) -> None:
        """What is said of the figure under the mouse."""
        self._sheets.setToolTip(words)

    def reveal(self, address: str) -> None:
        """Scroll to where a figure is printed first."""
        box = next((b for b in self._sheets.boxes if b.figure.id == address), None)
        if box is not None:
            at = self._sheets.area_of(box).center().toPoint()
            self.ensureVisible(at.x(), at.y(), theme.px(40), theme.px(120))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        # By the mouse the sheets have taken it already: this one is the keyboard's.
        self.menu_wanted.emit(self._sheets.now, self.mapToGlobal(self.focus_point()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.page_width != self._sheets.page.width():
            self._sheets.set_width(self.page_width)
            self.ppi_changed.emit()


class _Sheets(QWidget):
    """The pages themselves, painted from PNGs."""

    def __init__(self, owner: MemoPages) -> None:
        super().__init__()
        self._owner = owner
        self.boxes: tuple[FigureBox, ...] = ()
        self._on_page: dict[int, list[FigureBox]] = {}
        self.now: FigureBox | None = None
        self.setMouseTracking(True)
        self.pages: tuple[bytes, ...] = ()
        self.page = QSize(0, 0)
        self._images: OrderedDict[int, QImage] = OrderedDict()
        self.setProperty("role", "page")

    def set_pages(self, pages: tuple[bytes, ...]) -> None:
        """Take other pages."""
        self.pages = pages
        self.set_boxes(())
        self._images.clear()
        self.update()

    def set_boxes(self, boxes: Sequence[FigureBox]) -> None:
        """Take the places of the figures on these pages."""
        self.boxes = tuple(boxes)
        self._on_page = {}
        for box in self.boxes:
            self._on_page.setdefault(box.page, []).append(box)
        under = self.mapFromGlobal(self.cursor().pos()) if self.underMouse() else None
        self._come_upon(None if under is None else self.box_at(QPointF(under)))

    # Figures under the mouse

    def area_of(self, box: FigureBox) -> QRectF:
        """Where a figure stands in this widget, with a little room around it."""
        scale = self.page.width() / (PAGE_INCHES[0] * POINTS_PER_INCH)
        top = GAP + box.page * (self.page.height() + GAP)
        area = QRectF(GAP + box.left_pt * scale, top + box.top_pt * scale, box.width_pt * scale, box.height_pt * scale)
        return area.adjusted(-ROOM_PX, -ROOM_PX, ROOM_PX, ROOM_PX)

    def box_at(self, point: QPointF) -> FigureBox | None:
        """The figure at a point; of two whose room overlaps the one whose middle is nearer."""
        page = int((point.y() - GAP) // (self.page.height() + GAP))  # of a long memo only one page is looked through
        found = [box for box in self._on_page.get(page, ()) if self.area_of(box).contains(point)]
        return min(found, key=lambda b: (self.area_of(b).center() - point).manhattanLength(), default=None)

    def _come_upon(self, box: FigureBox | None) -> None:
        if box == self.now:
            return
        self.now = box
        self.setCursor(Qt.CursorShape.WhatsThisCursor if box is not None else Qt.CursorShape.ArrowCursor)
        self._owner.hovered.emit(box)
        self.update()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        if not self.boxes:
            self._owner.boxes_wanted.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._come_upon(self.box_at(event.position()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        box = self.box_at(event.position())
        if box is not None:
            self._owner.asked.emit(box)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self._owner.menu_wanted.emit(self.box_at(QPointF(event.pos())), event.globalPos())

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._come_upon(None)

    def set_width(self, width: int) -> None:
        """Make every page so wide."""
        self.page = QSize(width, round(width * PAGE_INCHES[1] / PAGE_INCHES[0]))
        self.setFixedSize(width + 2 * GAP, len(self.pages) * (self.page.height() + GAP) + GAP)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        edge = QPen(theme.tokens().color("border"))
        for number in range(len(self.pages)):
            top = GAP + number * (self.page.height() + GAP)
            sheet = QRectF(GAP, top, self.page.width(), self.page.height())
            if sheet.toRect().intersects(event.rect()):
                painter.fillRect(sheet, PAPER)
                painter.drawImage(sheet, self._image(number))
                painter.setPen(edge)
                painter.drawRect(sheet.adjusted(-0.5, -0.5, 0.5, 0.5))
        if self.now is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(HOVERED, 1.5))
            painter.drawRoundedRect(self.area_of(self.now), 3, 3)
        painter.end()

    def _image(self, number: int) -> QImage:
        image = self._images.pop(number, None)
        if image is None:
            image = QImage.fromData(self.pages[number], "PNG")
        self._images[number] = image
        while len(self._images) > KEPT_IMAGES:
            self._images.popitem(last=False)
        return image
