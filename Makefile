# Everything a person needs: `make help`. Needs Python >= 3.11, git, make and a Python package index.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.DEFAULT_GOAL := help

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

$(STAMP): requirements/lock.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Autocrine needs Python >= 3.11, but $(PYTHON) is $$($(PYTHON) --version); try make PYTHON=python3.12"; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/lock.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index --editable .
	@touch $@

setup: $(STAMP) ## Make .venv with the exact locked versions

reproduce: $(STAMP) ## Run the published experiment: autocrine reproduce conze2001
	$(BIN)/autocrine reproduce conze2001

lint: $(STAMP) ## Style, types, import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports

test: lint ## Lint, types, import rules and all quick tests
	$(BIN)/pytest -n auto

test-all: lint ## The same with the slow tests, and with new random examples
	$(BIN)/pytest -n auto -m '' --hypothesis-profile=explore

frontend: $(STAMP) ## Build the experiment page of autocrine serve (npm packages are fetched)
	$(BIN)/python hatch_build.py

frontend-test: $(STAMP) ## Check the types of the experiment page and run its unit tests
	$(BIN)/python hatch_build.py check

browser-test: frontend ## Go through autocrine serve in a real browser (Chromium)
	$(BIN)/pytest -m '' tests/browser

baseline: $(STAMP) ## Fit the default parameters again to the findings with role fit
	$(BIN)/autocrine baseline

benchmark: $(STAMP) ## Print the timing tables (not tests)
	$(BIN)/python benchmarks/reproduce.py
	$(BIN)/python benchmarks/ensembles.py

bench-peers: $(STAMP) ## Add other simulators to .venv, for make benchmark
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt

docs: $(STAMP) ## Make the documentation site, with every tutorial executed, in build/docs
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/docs.txt
	$(BIN)/python -m sphinx -q -W --keep-going -j 2 -b html docs build/docs
	@echo "build/docs/index.html"

format: $(STAMP) ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(STAMP) ## Resolve the newest versions into requirements/lock.txt, bench.txt and docs.txt
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --group dev \
		--python-version 3.11 pyproject.toml -o requirements/lock.txt
	$(BIN)/uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --group bench \
		--constraint requirements/lock.txt --python-version 3.11 -o requirements/bench.txt
	$(BIN)/uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --group docs \
		--constraint requirements/lock.txt --python-version 3.11 -o requirements/docs.txt

clean: ## Remove .venv, caches and runs
	rm -rf $(VENV) runs build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache frontend/node_modules src/autocrine/web/static/app

.PHONY: help setup reproduce lint test test-all frontend frontend-test browser-test baseline benchmark bench-peers docs format lock clean
