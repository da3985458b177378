"""How a site buys its power, and in which hours its machines run."""
