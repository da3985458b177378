"""Chart specs drawn: with pyqtgraph on the screen, as SVG on paper."""
