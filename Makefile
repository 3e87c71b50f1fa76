# `make` lists the targets.

PYTHON ?= python3
AUDIENCE ?= public
BIN := .venv/bin
# Material's end-of-life notice: the way on is in docs/contributing.md, and it need not be read at each build.
export NO_MKDOCS_2_WARNING := 1
export RUNBOOK_AUDIENCE := $(AUDIENCE)
# On CI a drill that cannot run is a failure, not a skip.
export REQUIRE_DRILLS ?= $(if $(CI),1,)

.DEFAULT_GOAL := help
.PHONY: help data site pdf serve scripts lint format check test bench drill mutants stale lock schemas clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' $(MAKEFILE_LIST) | expand -t 10

data: .venv/.ready ## check data/ alone and print every fault once; the site and the tests begin with it
	@$(BIN)/python -m runbook data

site: data .venv/.ready ## build the site, its PDFs and its offline copies into site/
	@RUNBOOK_PDF=true $(BIN)/mkdocs build --strict --clean
	@$(BIN)/python -m runbook export
	@echo "Built: serve the folder site/, or open site/index.html as a file"

pdf: .venv/.ready ## print the PDFs again, from the site as it was built
	@$(BIN)/python -m runbook export pdf

serve: .venv/.ready ## live preview; follows pages, macros and data
	@$(BIN)/mkdocs serve --strict --livereload

scripts: .venv/frontend/.ready ## bundle the pages' scripts and styles into docs/assets; needed only when they change
	@$(NODE) build

lint: .venv/.ready .venv/frontend/.ready ## format, lint, types, direction of imports; `make format` mends what a tool can
	@$(BIN)/ruff format --quiet --check . || { echo "Not formatted; call: make format"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary runbook macros drills
	@$(BIN)/lint-imports --no-logo >.venv/imports.txt || { cat .venv/imports.txt; exit 1; }
	@$(NODE) lint
	@$(NODE) types

format: .venv/.ready .venv/frontend/.ready ## format the code and mend what the linter can
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .
	@$(NODE) format

check: data lint .venv/.ready .venv/frontend/.ready ## the linters and the fast tests: no browser
	@$(BIN)/pytest -q -n 2 --dist worksteal -m "not browser and not pdf and not drills and not fresh and not sweep" tests

test: data lint .venv/.ready .venv/frontend/.ready .venv/.system ## all tests
	@# Neighbours share what they open: each process begins with a stretch of tests, and takes over what the other has left.
	@$(BIN)/pytest -n 2 --dist worksteal -m "not drills" tests
	@# A drill mostly waits; above three side by side they stall each other, and a drill judges time.
	@$(BIN)/pytest -n 3 --dist worksteal -m drills tests/drills

bench: .venv/.system .venv/frontend/.ready .venv/bench/.ready ## measure commands, build, visits and Lighthouse against goals and a bare site; WHOLE=1: all tests too
	@$(BIN)/python -m tests.bench

drill: .venv/.system ## run the drills and write their evidence; ONLY=warm runs one; TARGET=staging asks, and runs on a real system
	@$(BIN)/python -m drills $(if $(TARGET),--target $(TARGET)) $(ONLY)

mutants: .venv/.system ## run each drill against products with one fault, and without one of its steps
	@$(BIN)/python -m drills --mutants
	@$(BIN)/python -m drills --leave-out

stale: .venv/.ready ## name contacts and evidence that have grown old
	@$(BIN)/python -m runbook stale

lock: .venv/.ready ## write requirements.txt from requirements.in
	@$(BIN)/pip install --quiet uv==0.13.9
	@$(BIN)/uv pip compile --quiet --generate-hashes --universal --no-config --no-emit-index-url --no-emit-find-links --no-header --python-version 3.11 --output-file requirements.txt requirements.in

schemas: .venv/.ready ## write the JSON Schemas that editors use
	@$(BIN)/python -m runbook schemas

clean: ## remove what was built and installed
	@rm -rf site .venv .cache .pytest_cache .mypy_cache .ruff_cache .import_linter_cache

# A failed set-up leaves no .ready behind, so the next call begins anew.
.venv/.ready: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; this is $$($(PYTHON) --version). Call: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "The module venv is missing. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@rm -rf .venv && $(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.txt
	@touch $@

# What checks and bundles the pages' scripts and styles. Who edits pages or data does not need it. The packages run no script of theirs.
FRONTEND := runbook/site/frontend
NODE := cd $(FRONTEND) && PATH="$(CURDIR)/.venv/frontend/node_modules/.bin:$(CURDIR)/$(BIN):$$PATH" node --run
.venv/frontend/.ready: .venv/.ready $(FRONTEND)/package.json $(FRONTEND)/package-lock.json
	@rm -rf .venv/frontend && mkdir .venv/frontend && cp $(FRONTEND)/package.json $(FRONTEND)/package-lock.json .venv/frontend/
	@cd .venv/frontend && PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@

# What only the measurements need: Lighthouse.
.venv/bench/.ready: .venv/.ready tests/bench/package.json tests/bench/package-lock.json
	@rm -rf .venv/bench && mkdir .venv/bench && cp tests/bench/package.json tests/bench/package-lock.json .venv/bench/
	@cd .venv/bench && PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@

# What the PDFs need from the system; without it the site is built and the PDFs are not.
PANGO := libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0
# What the tests need: a browser, a shell checker, what a drill's hosts are made of, and Java for the PDF/UA validator.
SYSTEM := chromium shellcheck systemd iproute2 jq curl openssh-server sqlite3 libfaketime $(PANGO) default-jdk-headless libjaxb-java
# One command or file of each package tells whether all are there.
HAS := for it in chromium shellcheck ip jq curl sqlite3 javac; do command -v $$it || exit 1; done && test -x /usr/sbin/sshd -a -e /lib/systemd/systemd -a -e /usr/share/java/jaxb-runtime.jar && find /usr/lib* -maxdepth 3 -name libfaketime.so.1 | grep -q . && $(BIN)/python -c 'import weasyprint'
INSTALL := apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(SYSTEM)
.venv/.system: .venv/.ready Makefile
	@if (set -e; $(HAS)) >/dev/null 2>&1; then :; \
	elif command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then sh -c "$(INSTALL)" >/dev/null; \
	elif command -v apt-get >/dev/null && sudo -n true 2>/dev/null; then sudo sh -c "$(INSTALL)" >/dev/null; \
	else echo "The tests need $(SYSTEM). Install them, e.g.: sudo apt-get install $(SYSTEM)"; exit 1; fi
	@touch $@
