# Everything begins here: `make demo` shows it, `make test` proves it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check -q

.PHONY: setup demo run test again check hardware clean

setup: $(VENV)/.runtime ## install into .venv; demo, run, test and check call it first

demo: setup ## the whole application for 20 seconds, on embedded defaults
	@$(BIN)/vision-app demo

run: setup ## the service, until Ctrl-C
	@$(BIN)/vision-app run

test: $(VENV)/.dev ## all that needs no root and no hardware
	@$(BIN)/python -m pytest -n auto --dist loadfile

again: $(VENV)/.dev ## what failed in the last run, with nothing beside it
	@$(BIN)/python -m pytest --last-failed --last-failed-no-failures none

check: $(VENV)/.dev ## lint, format, types, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

hardware: $(VENV)/.dev ## real kernel devices, in a virtual machine (tests/hardware)
	@VISION_APP_HARDWARE=1 $(BIN)/python -m pytest -n 2 tests/hardware

clean: ## remove what the other targets made
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
		|| { echo "vision-app needs Python 3.10 or newer: make PYTHON=python3.11 …" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) \
		|| { echo "Python's venv is missing: apt install python3-venv" >&2; exit 2; }

$(VENV)/.runtime: pyproject.toml setup.py | $(BIN)/python
	@echo "Installing vision-app into $(VENV) (a few minutes on a slow line)"
	@$(PIP) -e '.[sensors]'
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime
	@echo "Installing what the tests need"
	@$(PIP) -e '.[dev]'
	@touch $@
