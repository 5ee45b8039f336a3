# Two commands: `make demo` opens the loop in a browser, `make test` checks everything that needs nothing outside this clone.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?= ../shared/data

.PHONY: demo test install check measure bench

$(VENV)/installed: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

install: $(VENV)/installed

demo: install
	$(BIN)/answerloop demo

# Two at once, a file at a time: most tests wait more than they compute.
test: install
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

measure: install
	$(BIN)/python -m tests.benchmarks.measure --data $(DATA)

# Needs the extra: pip install '.[bench]'; without it only our side is measured. The first run takes a while to build.
bench: install
	$(BIN)/python -m tests.benchmarks.speed --data $(DATA)
