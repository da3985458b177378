"""The offer normaliser: an offer as it came, read into the terms of a plan, with every assumption by name."""

from models.offer_text.reading import read_offer
from models.offer_text.strip import Strip, contract_prices, strip_of
from models.offer_text.terms import Other, ReadOffer, Term

__all__ = ["Other", "ReadOffer", "Strip", "Term", "contract_prices", "read_offer", "strip_of"]
