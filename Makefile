# Every target works from a fresh checkout; `make` alone lists them.
PYTHON ?= python3
BIN := .venv/bin

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

.venv/.ready: requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q -r requirements.txt
	@touch $@

app: .venv/.ready  ## open the dashboard
	$(BIN)/streamlit run dashboard/Home.py

demo: .venv/.ready  ## make the synthetic demo in data/
	$(BIN)/precursor demo

test: .venv/.ready  ## the quick tests
	$(BIN)/pytest

test-all: .venv/.ready  ## everything: slow and browser tests too (needs chromium)
	$(BIN)/pip install -q -e '.[dev]'
	$(BIN)/pytest -m 'slow or not slow'

check: .venv/.ready  ## lint, format, types
	$(BIN)/pip install -q -e '.[dev]'
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
	@wc -l $$(git ls-files 'core/*.py' 'dashboard/*.py') | awk '$$1 > 400 && $$2 != "total" { print $$2 ": " $$1 " lines; has it two subjects?" }'

bench: .venv/.ready  ## benchmarks: ratios against named peers, into docs/performance.md
	$(BIN)/python benchmarks/report.py

site: .venv/.ready  ## the static report site in site/
	$(BIN)/precursor site site

lock: .venv/.ready  ## write requirements.txt anew from pyproject.toml
	$(BIN)/pip install -q uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate pyproject.toml -o requirements.lock
	@{ echo "# The tested lock for Python 3.11 to 3.13, written by 'make lock'; the ranges are in pyproject.toml."; \
	   cat requirements.lock; echo "-e ."; } > requirements.txt
	@rm requirements.lock

.PHONY: help app demo test test-all check bench site lock
