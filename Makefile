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

docs: .venv/.ready  ## docs/verbs.md, docs/options.md and docs/api.md, from the verbs, the options and the docstrings
	$(BIN)/python docs/write_verbs.py && $(BIN)/python docs/write_options.py && $(BIN)/python docs/write_api.py

site: .venv/.ready  ## the static report site in site/
	$(BIN)/precursor site site

# Pins stay as they are where the ranges of pyproject.toml still hold; UPGRADE=--upgrade takes the newest of everything.
UPGRADE ?=
PINS = sed '/^[\#-]/d' requirements.txt

lock: .venv/.ready  ## write requirements.lock, requirements.txt, docs/sbom.json and docs/licences.md anew
	$(BIN)/pip install -q uv
	$(BIN)/uv pip compile --no-config --quiet --universal --python-version 3.11 --extra test $(UPGRADE) \
	    --generate-hashes --no-header --no-annotate pyproject.toml -o requirements.lock
	@{ echo "# The tested lock for Python 3.11 to 3.13, written by 'make lock'; the ranges are in pyproject.toml, the hashes in"; \
	   echo "# requirements.lock."; sed -n 's/^\([a-z0-9].*[^ ]\) *\\$$/\1/p' requirements.lock; echo "-e ."; } > requirements.txt
	$(BIN)/pip install -q -r requirements.txt
	$(PINS) | $(BIN)/uvx --no-config -q --from 'cyclonedx-bom>=7,<8' cyclonedx-py requirements \
	    --pyproject pyproject.toml --output-reproducible -o docs/sbom.json -
	@{ echo "# Licences of what is locked"; echo; \
	   echo "As the packages declare them; written by 'make lock' from what it installed, so without packages for other systems."; \
	   echo "UNKNOWN: the package declares none."; echo; \
	   $(BIN)/uvx --no-config -q --from 'pip-licenses>=5,<6' pip-licenses --python $(BIN)/python --from=mixed --with-system \
	       --format=markdown --packages $$($(PINS) | sed 's/==.*//' | sort -u); } > docs/licences.md

.PHONY: help app demo test test-all check bench docs site lock
