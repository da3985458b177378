"""What to draw, as data: specs, and the builders of the break-even charts."""
