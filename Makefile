# Busbar. `make run` and `make test` set up whatever is missing first: on a Debian machine with Python 3.11, pip and make
# nothing has to be installed by hand. `make help` lists the targets.

# The Python that makes .venv; once there, everything runs inside it (`make clean` first to change it).
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PY := .venv/bin/python
JOBS ?= 2

# Without compiled modules every start takes three to five times as long.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup run test check bench lock clean

help:
	@echo 'make run     open Busbar on the sample plan (with no screen: memo and pictures of all pages into out/)'
	@echo 'make test    run all tests, without a screen'
	@echo 'make check   formatting, lint and types'
	@echo 'make bench   measure speed'
	@echo 'make setup   only what run and test do first: system libraries, .venv, the locked packages'
	@echo 'make lock    write requirements.txt anew from pyproject.toml (needs uv)'
	@echo 'make clean   remove all of the above again: .venv, caches, builds, out/'

# Takes a few hundredths of a second when there is nothing to do.
setup:
	@$(or $(wildcard $(PY)),$(PYTHON)) -IS tools/setup.py

run: setup
	@$(PY) -m app $(ARGS)

test: setup
	@QT_QPA_PLATFORM=offscreen $(PY) -m pytest -n $(JOBS) $(ARGS)

check: setup
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@$(PY) -m mypy

bench: setup
	@QT_QPA_PLATFORM=offscreen $(PY) -m tests.bench $(ARGS)

# No header and no index: the lock must install from any index that has these files.
lock:
	uv pip compile --quiet --extra dev --generate-hashes --universal --python-version 3.11 --no-header \
		--upgrade pyproject.toml --output-file requirements.txt

clean:
	rm -rf .venv out build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
