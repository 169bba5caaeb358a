# Everything needs Python >= 3.11, git and make, nothing else. `make demo` and `make test` set up what they need.

PYTHON ?= python3
XINYAN_HOME ?= xinyan-home
BIN := .venv/bin
LOCK := $(BIN)/pip-compile --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-find-links \
	--no-header --quiet
READY := .venv/.ready

.PHONY: help setup demo test test-long faults bench compare at-scale lock

help:
	@echo "make demo       set up, a sample year, one night, the headline table"
	@echo "make test       lint, types and tests"
	@echo "make test-long  the tests that take minutes"
	@echo "make faults     hostile files and disturbed nights, all of them (hours); writes tests/faults/RESULTS.md"
	@echo "make bench      how long reading, loading and summarising take"
	@echo "make compare    the same job as others would do it, side by side; writes tests/benchmarks/RESULTS.md (FILES=20: quick)"
	@echo "make at-scale   what a large home costs to live with; writes tests/benchmarks/AT_SCALE.md (HOME_DIR=a loaded home)"
	@echo "make setup      the environment in .venv only"
	@echo "make lock       requirements.lock anew from pyproject.toml"

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("python3 is %d.%d; Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11" % sys.version_info[:2])'
	@echo "Setting up .venv (once; a few minutes at most) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

demo: $(READY)
	@$(BIN)/xinyan sample $(XINYAN_HOME)/inbox --year 2013 --faults all --home $(XINYAN_HOME)
	@$(BIN)/xinyan nightly --home $(XINYAN_HOME)
	@echo "The command is $(BIN)/xinyan: type it so, or run . $(BIN)/activate first."

test: $(READY)
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder

test-long: $(READY)
	$(BIN)/python -m pytest -q -m long

faults: $(READY)
	$(BIN)/python -m tests.faults.hostile
	$(BIN)/python -m tests.faults.disturbed

bench: $(READY)
	$(BIN)/python -m pytest -q -s -m bench tests/benchmarks

OTHERS := tests/benchmarks/.venv
FILES ?= 200
ROUNDS ?= 3

compare: $(READY) $(OTHERS)/.ready
	$(BIN)/python -m tests.benchmarks.compare $(FILES) $(ROUNDS)

TIMES ?= 1
HOME_DIR ?= $(XINYAN_HOME)

at-scale: $(READY)
	$(BIN)/python -m tests.benchmarks.at_scale $(HOME_DIR) $(TIMES)

$(OTHERS)/.ready: tests/benchmarks/requirements.txt
	@test -x $(OTHERS)/bin/python || $(PYTHON) -m venv $(OTHERS)
	@$(OTHERS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

lock: $(READY)
	$(LOCK) --extra dev --output-file .venv/lock.txt pyproject.toml
	@{ echo "# Everything the commands and the tests need, with hashes; made by \`make lock\` from pyproject.toml."; \
	   cat .venv/lock.txt; } > requirements.lock
	$(LOCK) --output-file .venv/others.txt tests/benchmarks/requirements.in
	@{ echo "# The environment of \`make compare\`, with hashes; made by \`make lock\` from requirements.in."; \
	   cat .venv/others.txt; } > tests/benchmarks/requirements.txt
