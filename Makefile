# Datapunk: `make demo` shows everything, `make test` checks everything.
.DEFAULT_GOAL := help
.SILENT:
SHELL := /bin/bash

PROVISION := provision/provision.sh
# Provisioning links the command here, wherever the environment itself has to lie.
DATAPUNK := .datapunk/bin/datapunk
VENV = $(dir $(shell readlink -f $(DATAPUNK)))
# The schemas belong to datapunk_owner alone, so `create or replace` (PS002) replaces nobody else's function.
# alembic makes its version table itself; small integers are small on purpose.
SQUAWK := prefer-bigint-over-int,prefer-bigint-over-smallint,prefer-text-field,require-lock-timeout,require-statement-timeout
PGSPOT := --ignore PS002 --ignore-lang plpython3u --summary-only
SOURCES := plpython forge workers tests
# A test file stays in one process, so that what a module shares is made once.
TEST_PROCESSES := -n auto --maxprocesses 4 --dist loadfile

.PHONY: help demo up down status doctor install test lint types reference bench verify constraints dsn api-url token psql clean purge provision provision-dev

help: ## Show this list
	awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: up ## Install and start everything, import a sample archive, ask, train, show; it stays up
	$(DATAPUNK) demo

up: provision ## Install what is missing and start everything
	$(DATAPUNK) up

down: ## Stop everything
	if [ -x $(DATAPUNK) ]; then $(DATAPUNK) down; else echo "nothing was set up here"; fi

status: ## Show what runs
	$(DATAPUNK) status

doctor: ## Check the whole installation and say how to mend what is wrong
	$(DATAPUNK) doctor

install: up ## Install or upgrade the database (part of `make up`)

test: provision-dev ## Run the whole test suite, on a cluster of its own
	result=0; $(VENV)python -m pytest $(TEST_PROCESSES) $(PYTEST_ARGS) || result=$$?; $(DATAPUNK) remove --test-cluster; exit $$result

lint: provision-dev ## Check style: Python, SQL, shell, import directions
	$(VENV)ruff check $(SOURCES)
	$(VENV)ruff format --check $(SOURCES)
	$(VENV)lint-imports
	$(VENV)sqlfluff lint sql api
	# Bodies that are parsed when they are made look no name up later, and pgspot cannot read them.
	find sql/functions api/rpc -name '*.sql' ! -path '*/security/*' -print0 | xargs -0 grep -LZ '^begin atomic' \
	  | xargs -0 $(VENV)pgspot $(PGSPOT)
	$(VENV)python -m datapunk.admin.migration_sql | $(VENV)squawk --exclude $(SQUAWK)
	bash -n $(PROVISION)

types: provision-dev ## Check the type hints
	$(VENV)mypy

reference: up ## Write docs/reference.md, docs/sources.md and api/surface.golden from what is installed
	$(VENV)python -m datapunk.admin.reference "$$($(DATAPUNK) dsn)" > docs/reference.md.new
	mv docs/reference.md.new docs/reference.md
	$(VENV)python -m datapunk.admin.sources > docs/sources.md
	$(VENV)python -m datapunk.admin.surface --write

bench: up provision-dev ## Measure, and write docs/benchmarks.md
	$(VENV)python -m tests.bench

verify: lint types test ## Everything that has to hold before a change goes in

constraints: provision-dev ## Write down the versions in use as the tested ones (after the tests passed)
	head -n 2 provision/constraints.txt >provision/constraints.new
	$(VENV)python -m pip freeze 2>/dev/null | grep -viE '^(torch==|datapunk|-e |#)' >>provision/constraints.new
	mv provision/constraints.new provision/constraints.txt

dsn: ## Print the connection string of the running database
	$(DATAPUNK) dsn

api-url: ## Print the address of the HTTP interface
	$(DATAPUNK) api-url

token: ## Print a token for the HTTP interface (OWNER=name, default local)
	$(DATAPUNK) token --owner $(or $(OWNER),local)

psql: ## Open psql on the running database
	$(DATAPUNK) psql

clean: ## Delete caches and the test cluster; data and environment stay
	if [ -x $(DATAPUNK) ]; then $(DATAPUNK) remove --test-cluster; fi
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build
	find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +

purge: ## Delete this checkout's database, environment and logs (asks first)
	$(DATAPUNK) remove

provision:
	$(PROVISION)

provision-dev:
	$(PROVISION) --dev
