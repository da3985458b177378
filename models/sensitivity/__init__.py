"""How uncertain inputs move the answer: ranges, tornado, distance to the flip, tripwires."""
