"""Scenarios side by side: their figures, what differs in their inputs, and which input makes which difference."""
