"""A lever moves, and every visible plot has really painted: real paint events are counted, not requests for them."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

MOVES = 300
WARM_UP = 60
PRICE, ENERGY = "market.btc_price_usd", "power_contracts.p1.energy_price_usd_per_mwh"


class Page:
    """The window at the break-even page, 1440×900, with its plots watched."""

    def __init__(self, plan: Any) -> None:
        from app import theme
        from app.files.document import Document
        from app.main import make_application
        from app.session import Session
        from app.settings import Settings
        from app.shell.window import Window

        self.app = make_application()
        theme.apply_theme(self.app, "light")
        self.session = Session(Document(plan), Settings())
        self.window = Window(self.session)
        self.window.resize(1440, 900)
        self.window.show_page("break_even")
        self.window.show()
        self.app.processEvents()
        self.session.recompute.flush()  # the first search for findings
        self.page = self.window.pages["break_even"]
        self.canvases = [view.canvas for view in self.page.views.values()]
        self.paints = Paints([canvas.viewport() for canvas in self.canvases])
        self.whole: list[float] = []

    def lever(self, path: str) -> Any:
        """The slider of a pinned input; pinned first where it is not."""
        if all(row.lever.path != path for row in self.window.levers.rows):
            self.window.levers.pin(path)
            self.app.processEvents()
        return next(row.slider for row in self.window.levers.rows if row.lever.path == path)

    def timed(self, move: Callable[[], None]) -> float:
        """Milliseconds from a move until every plot has painted.

        In a real event loop, since it is Qt's that puts painting before what may wait. The figures beside the plots
        follow before the next move, as they do under a hand; until then counts for `whole`.
        """
        self.paints.begin()
        began = perf_counter()
        move()
        painted = self.paints.wait()
        while self.session.after_plots.is_waiting:
            self.app.processEvents()
        self.app.processEvents()
        self.whole.append((perf_counter() - began) * 1e3)
        return (painted - began) * 1e3

    def drag(self, path: str, moves: int) -> list[float]:
        """A lever swept to and fro across the middle of its range, button held."""
        slider = self.lever(path)
        slider.setSliderDown(True)
        found = []
        for k in range(moves):
            position = round(slider.maximum() * (0.5 + 0.35 * math.sin(k / 25)))
            if position != slider.value():
                found.append(self.timed(lambda at=position: slider.setSliderPosition(at)))  # type: ignore[misc]
        slider.setSliderDown(False)
        self.app.processEvents()
        return found

    def with_figures(self) -> str:
        """How long the same moves took until header, levers and sentence stood as well."""
        from tests.bench.lines import percentile  # which names all lines, these among them

        p50, p95 = (percentile(self.whole[WARM_UP:], share) for share in (50, 95))
        return f"figures beside them too: {p50:.1f} / {p95:.1f} ms"

    def close(self) -> None:
        self.session.document.close()


def _paint_counter() -> type:
    from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer

    class Counter(QObject):
        """Which of some widgets have painted."""

        def __init__(self, widgets: list[Any]) -> None:
            super().__init__()
            self._seen: set[int] = set()
            self._painted_s = 0.0
            self._number = {id(widget): number for number, widget in enumerate(widgets)}
            self._loop = QEventLoop()
            self._window = widgets[0].window()
            for widget in (*widgets, self._window):
                widget.installEventFilter(self)

        def begin(self) -> None:
            """Wait for all of them anew."""
            self._seen.clear()
            self._painted_s = 0.0

        def wait(self) -> float:
            """Until all have painted; when that was, in seconds of `perf_counter`."""
            if not self._painted_s:
                guard = QTimer(singleShot=True, interval=20_000)
                guard.timeout.connect(self._loop.quit)
                guard.start()
                self._loop.exec()
                guard.stop()
            if not self._painted_s:
                raise RuntimeError("a plot did not paint")
            return self._painted_s

        def eventFilter(self, watched: Any, event: Any) -> bool:
            if event.type() == QEvent.Type.Paint and watched is not self._window:
                self._seen.add(self._number[id(watched)])  # this comes before it paints
            elif event.type() == QEvent.Type.UpdateRequest:
                watched.event(event)  # all that is due paints here, and is handed to the screen
                if len(self._seen) == len(self._number) and not self._painted_s:
                    self._painted_s = perf_counter()
                    self._loop.quit()
                return True
            return False

    return Counter


def Paints(widgets: list[Any]) -> Any:
    """A counter of real paint events; Qt is imported when the first is made."""
    return _paint_counter()(widgets)


def sample_plan() -> dict[str, Any]:
    """The briefing: its own levers, and pyqtgraph's defaults fed with the same figures."""
    from models.samples import sample

    page = Page(sample("briefing"))
    page.drag(PRICE, WARM_UP)
    page.drag(ENERGY, WARM_UP)
    samples = page.drag(PRICE, MOVES // 2) + page.drag(ENERGY, MOVES // 2)
    curves = sum(curve.isVisible() for canvas in page.canvases for curve in canvas.curves.values())
    defaults = Defaults(sample("briefing"))
    beside = defaults.drag(90)
    page.close()
    return {
        "samples": samples,
        "beside": {"pyqtgraph defaults": beside[10:]},
        "note": f"{len(page.canvases)} plots, {curves} curves, 200×200 frontier; {page.with_figures()}",
    }


def large_plan_moves() -> dict[str, Any]:
    """10 sites, 60 lots, 30 offers, 240 months."""
    from tests.large_plan import large_plan

    return moves_of(large_plan(), PRICE) | {
        "beside": {"pyqtgraph defaults": Defaults(large_plan()).drag(60)[10:]},
    }


def large_plan_power() -> dict[str, Any]:
    """The same with the power price of one site: less of the frame before holds."""
    from tests.large_plan import large_plan

    return moves_of(large_plan(), ENERGY)


def moves_of(plan: Any, path: str) -> dict[str, Any]:
    """One lever of a plan, dragged."""
    page = Page(plan)
    page.drag(path, WARM_UP)
    samples = page.drag(path, MOVES)
    page.close()
    return {"samples": samples, "note": page.with_figures()}


def point_drag() -> dict[str, Any]:
    """The point itself is dragged: two inputs change with every move."""
    from models.samples import sample

    page = Page(sample("briefing"))
    view = page.page.views["frontier"]
    spec = view.spec
    page.session.begin_drag()

    def move(k: int) -> float:
        x = spec.x.low + (spec.x.high - spec.x.low) * (0.5 + 0.3 * math.sin(k / 25))
        y = spec.y.low + (spec.y.high - spec.y.low) * (0.5 + 0.3 * math.cos(k / 25))
        return page.timed(lambda: view.handle_moved.emit(x, y))

    for k in range(WARM_UP):
        move(k)
    samples = [move(k) for k in range(MOVES)]
    page.session.end_drag()
    page.close()
    return {"samples": samples, "note": page.with_figures()}


def memory() -> dict[str, Any]:
    """Resident memory after every 100 of 3,000 lever moves [MB]; flat, if the last is as high as the fifth."""
    from models.samples import sample

    page = Page(sample("briefing"))
    found = []
    for k in range(30):
        page.drag((PRICE, ENERGY)[k % 2], 100)
        found.append(resident_mb())
    page.close()
    return {"samples": found, "note": f"after 500: {found[4]:.0f} MB, after 3,000: {found[-1]:.0f} MB"}


def resident_mb() -> float:
    """Memory that this process holds now, not its highest."""
    import resource

    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


class Defaults:
    """The same four plots as pyqtgraph draws them by itself: translucent grid, legend, IsocurveItem, own ranges."""

    def __init__(self, plan: Any) -> None:
        import pyqtgraph as pg
        from PySide6.QtWidgets import QGridLayout, QWidget

        from app.main import make_application
        from models.charts.plots import Plots

        self.app = make_application()
        self.plan, self.plots = plan, Plots()
        self.window = QWidget()
        self.window.resize(930, 720)  # what the page has in a window of 1440×900
        grid = QGridLayout(self.window)
        self.widgets = {name: pg.PlotWidget() for name in Plots.NAMES}
        for number, widget in enumerate(self.widgets.values()):
            widget.showGrid(x=True, y=True)
            widget.addLegend()
            grid.addWidget(widget, number // 2, number % 2)
        self.curves: dict[tuple[str, str], Any] = {}
        self.image, self.line = pg.ImageItem(), pg.IsocurveItem(level=0.0, pen="r")
        self.line.setParentItem(self.image)
        self.widgets["frontier"].addItem(self.image)
        self.draw(plan)
        self.window.show()
        self.app.processEvents()
        self.paints = Paints([widget.viewport() for widget in self.widgets.values()])

    def draw(self, plan: Any) -> None:
        from models.evaluate import evaluate

        self.plots.show(plan, evaluate(plan))
        for name, widget in self.widgets.items():
            for series in self.plots.chart(name).series:
                key = (name, series.id)
                if key not in self.curves:
                    self.curves[key] = widget.plot(name=series.label or series.note)
                self.curves[key].setData(series.x, series.y)
        front = self.plots.frontier()
        if front is not None:
            self.image.setImage(front.difference)
            self.line.setData(front.difference)

    def drag(self, moves: int) -> list[float]:
        """The BTC price moved, until all four have painted."""
        from models.drivers import value_of, with_value

        now = value_of(self.plan, PRICE) or 70_000.0
        found = []
        for k in range(moves):
            self.paints.begin()
            began = perf_counter()
            self.draw(with_value(self.plan, PRICE, now * (1.1 + 0.3 * math.sin((k + 1) / 25))))
            self.paints.wait()
            found.append((perf_counter() - began) * 1e3)
        self.window.close()
        return found
