# Needs make, git and Python 3.11 or newer; everything else goes into .venv. `make` alone lists what there is.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

VENV := .venv
RUN := $(VENV)/bin/python -m
PIP := $(RUN) pip --disable-pip-version-check --quiet

# Which interpreter makes .venv: `make PYTHON=/path/to/python test`. Without it, the first that fits; each is run to
# find out, because pyenv's shims are found whether or not they work. One that lacks ensurepip is the last resort: the
# error below then says what to install.
PYTHON ?=
CANDIDATES := python3.13 python3.12 python3.11 python3 python
FITS := import sys; sys.exit(sys.version_info < (3, 11))
first = $(shell for name in $(CANDIDATES); do "$$name" -c '$(1)' >/dev/null 2>&1 && echo "$$name" && break; done)
FOUND = $(or $(PYTHON),$(call first,import ensurepip; $(FITS)),$(call first,$(FITS)))

# What is done already. The stamps lie in .venv and go away with it.
CREATED := $(VENV)/.created-in
DEMO := $(VENV)/.installed-demo
DEV := $(VENV)/.installed-dev

# A folder that was moved or copied has a .venv that works on other files; one whose interpreter has gone has none.
ifneq ($(shell test -x $(VENV)/bin/python && test "$$(cat $(CREATED) 2>/dev/null)" = "$$(pwd -P)" && echo usable),usable)
.PHONY: $(CREATED)
endif

# How deep the tests go (tests/depth.py), among how many processes they are shared, and what more pytest is told.
TEST_DEPTH ?= everyday
WORKERS ?= auto
T ?=
# Branches are counted where all tests run.
COVERAGE = $(if $(filter-out everyday,$(TEST_DEPTH)),--cov --cov-report=term)

.PHONY: help demo test test-all bench check lint types format mutants conformance clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' Makefile

demo: $(DEMO) ## Play the whole story against a real server: apply, check, edit, plan, revert, drift, pull (no key, no model)
	@$(VENV)/bin/python examples/demo.py

test: check ## Lint, types and one example of everything, in minutes (TEST_DEPTH=full for more, T="-k lock" for a part)
	TEST_DEPTH=$(TEST_DEPTH) $(RUN) pytest --numprocesses=$(WORKERS) --maxprocesses=8 $(COVERAGE) $(T)

test-all: ## As test, with every fault, many more examples, and coverage: what a merge waits for
	@$(MAKE) --no-print-directory TEST_DEPTH=full test

B ?=
bench: $(DEV) ## Measure the speed beside its floors, as ratios (ten minutes and more; B="--only plan" for a part)
	$(RUN) benchmarks.performance $(B)

check: lint types ## Lint and types

lint: $(DEV) ## Formatting, style and spelling
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(VENV)/bin/typos

types: $(DEV) ## Types of the code
	$(RUN) mypy

format: $(DEV) ## Format the code, and mend what ruff can mend
	$(RUN) ruff check --fix-only .
	$(RUN) ruff format .

mutants: $(DEV) ## Mutation testing: each mutant of what decides and writes is killed or explained (takes long)
	nice $(RUN) tests.mutants

KINDS ?=
conformance: $(DEV) ## Run the same scenarios on every real server, and measure docs/servers.md (takes long; KINDS="js aegra" for some)
	$(RUN) tests.conformance $(KINDS)

clean: ## Remove everything that these targets made, .venv included
	rm -rf $(VENV) .conformance build dist htmlcov mutants .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(CREATED):
	@python="$(FOUND)"; \
	fail() { echo "Error: $$*" >&2; exit 1; }; \
	[ -n "$$python" ] || fail "no Python 3.11 or newer among: $(CANDIDATES)." \
	  "Install one, or name one: make PYTHON=/path/to/python"; \
	version=$$("$$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])') || fail "$$python does not run"; \
	"$$python" -c '$(FITS)' || fail "$$python is Python $$version; 3.11 or newer is needed"; \
	"$$python" -c 'import ensurepip, venv' 2>/dev/null || \
	  fail "$$python has no ensurepip, which .venv is made with; on Debian and Ubuntu: apt install python$$version-venv"; \
	echo "Making $(VENV) with Python $$version"; \
	"$$python" -m venv --clear $(VENV) && pwd -P > $@

$(DEMO): pyproject.toml $(CREATED)
	@echo "Installing assistant-sync and the dev server into $(VENV); this takes a minute the first time"
	@$(PIP) install --use-pep517 --editable '.[demo]'
	@touch $@

$(DEV): pyproject.toml $(CREATED)
	@echo "Installing assistant-sync with all that its tests need into $(VENV); this takes a minute the first time"
	@$(PIP) install --use-pep517 --editable '.[dev]'
	@touch $@ $(DEMO)
