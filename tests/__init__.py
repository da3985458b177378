"""Tests. A package, so that `python -m tests.bench` and `from tests import ...` mean this folder."""
