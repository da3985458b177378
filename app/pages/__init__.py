"""The pages, in the order of the work: start, market, sites, fleet, offers, break_even, memo."""
