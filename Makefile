# What a fresh clone needs: `make demo` and `make test` set up everything they use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OUT := out/demo

.PHONY: help demo test check lint setup bench clean

help:
	@echo "make demo   set up, run the Shooting House headless, print the score and where the debrief is"
	@echo "make test   set up, check and test everything"
	@echo "make check  ruff, mypy and the layout of the house only"
	@echo "make bench  the README's figures, measured here beside their peers"
	@echo "make clean  remove what the others made"

demo: $(VENV)/.demo-ready
	@$(BIN)/xrlab run house/hostage --headless --seed 7 --out $(OUT)

test: $(VENV)/.test-ready check
	$(BIN)/python -m pytest -n 2

check: $(VENV)/.test-ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: $(VENV)/.test-ready
	$(BIN)/python benchmarks/run_all.py

setup: $(VENV)/.test-ready

$(VENV)/.demo-ready: pyproject.toml .ci/prepare
	@.ci/prepare demo $(PYTHON) $(VENV)
	@touch $@

$(VENV)/.test-ready: pyproject.toml .ci/prepare tests/editors/package-lock.json
	@.ci/prepare test $(PYTHON) $(VENV)
	@touch $@ $(VENV)/.demo-ready

clean:
	rm -rf $(VENV) out dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
