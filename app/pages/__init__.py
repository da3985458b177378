"""The pages, in the order of the work: start, market, sites, power, fleet, offers, break_even, memo."""
