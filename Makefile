# Tombola: `make run` starts everything, `make test` proves it. The work is done by tools/, in Python.
PY ?= python3
VENV := .venv/bin/python
.DEFAULT_GOAL := help
# Without compiled modules in .venv each start of each process would compile them all again.
unexport PYTHONDONTWRITEBYTECODE

# Only a folder that the supervisor has locked once is ours to remove.
STATE_FOLDER := $(or $(STATE_DIR),.tombola)
CLEAN_STATE = if [ -e "$(STATE_FOLDER)/supervisor.lock" ]; then echo "rm -rf $(STATE_FOLDER)"; rm -rf "$(STATE_FOLDER)"; \
	elif [ -e "$(STATE_FOLDER)" ]; then echo "$(STATE_FOLDER) is no state folder of Tombola: nothing was removed." >&2; exit 1; fi

LISTENER_TESTS := tests/draw tests/listener
# Of one length: the areas have folders, what runs through all of them has files.
BACKEND_AREA_TESTS = $(filter-out %/__pycache__/,$(wildcard tests/backend/*/))
BACKEND_TESTS = $(wildcard tests/backend/test_*.py) tests/tools tests/delivery
FAST_CHAIN_TESTS := tests/evm tests/contracts tests/machines
APE_TESTS := tests/scripts tests/gas
# Each part has servers and ports of its own. What a part prints comes when it ends, where make can do that.
# The longest start first, so that none runs alone at the end.
PARTS := test-backend-rest test-backend-areas test-flow test-listener test-ape test-fast-chain test-web
JOBS := 3
SIDE_BY_SIDE = --no-print-directory --keep-going --jobs=$(JOBS) $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' Makefile
	@echo "Settings: PORT=8000 the web port, FRESH=1 a new local chain and database, PY=python3.12 the Python to use,"
	@echo "          STATE_DIR=.tombola where the local system keeps its state, RPC_PORT=8545, BEACON_PORT=8547 and STRIPE_PORT=8549."

setup: ## install and build everything; does only what is due
	@command -v $(PY) >/dev/null || { echo "There is no $(PY) on PATH; Tombola needs Python 3.11, 3.12 or 3.13."; exit 1; }
	@$(PY) -m tools.setup $(if $(filter file,$(origin PY)),,--python $(PY))

run: setup ## start the whole local system (Ctrl-C stops it; FRESH=1 starts over)
	@exec $(VENV) -m tools.run $(if $(FRESH),--fresh) $(if $(PORT),--port $(PORT)) $(if $(STATE_DIR),--state $(STATE_DIR))

backup: setup ## back up the database, files and sealed keys, to .tombola-backups or BACKUP_DIR (FOLLOW=1: every change, until stopped)
	@$(VENV) -m tools.run.backups backup $(if $(FOLLOW),--follow)

restore: setup ## put back the database of a moment: AT=2026-11-23T03:12:45Z or AT=latest (TO=folder: not in place; docs/backup.md)
	@$(VENV) -m tools.run.backups restore --at "$(AT)" $(if $(TO),--to "$(TO)") $(if $(FILES_TO),--files-to "$(FILES_TO)") $(if $(KEY),--key "$(KEY)" --keys-to "$(KEYS_TO)")

recover: setup ## after a restore: what did the wallets send since? Then they go on (ACCEPT=1: also what nobody here asked for)
	@$(VENV) -m tools.run.backups recover $(if $(ACCEPT),--accept-forgotten)

test: setup browser ## run every test, JOBS=3 parts side by side
	@$(MAKE) $(SIDE_BY_SIDE) $(PARTS)

test-contracts: test-fast-chain test-ape ## contracts on the fast chain, then scripts and gas on ape

test-fast-chain: setup
	$(VENV) -m pytest -p no:ape_test $(FAST_CHAIN_TESTS)

test-ape: setup
	.venv/bin/ape test $(APE_TESTS)

fuzz: fuzz-contracts fuzz-listener ## both of these, hours of random trials; go on where they were stopped

fuzz-contracts: setup ## random calls against models until CALLS=1000000 were made
	@$(VENV) -m tests.machines.fuzz $(if $(CALLS),--calls $(CALLS))

fuzz-listener: setup ## random chains, faults and crashes until SEEDS=20000 ended with exact rows
	@$(VENV) -m tests.listener.differential.fuzz $(if $(SEEDS),--seeds $(SEEDS))

fuzz-api: setup ## every operation of the live API by its OpenAPI, as nobody, a user and an administrator (EXAMPLES=100, SEED=1)
	@$(VENV) -m tests.conformance $(if $(EXAMPLES),--examples $(EXAMPLES)) $(if $(SEED),--seed $(SEED))

chaos: setup ## senders killed, providers that lie, forks, restarts until KILLS=2000; goes on where it was stopped (MINUTES=10: a short one)
	@$(VENV) -m tests.chaos $(if $(KILLS),--kills $(KILLS)) $(if $(MINUTES),--minutes $(MINUTES))

test-services: test-listener test-backend ## the two after this

test-listener: setup ## the listener and the rules of the draw, on an embedded Postgres
	$(VENV) -m pytest -p no:ape_test $(LISTENER_TESTS)

test-backend: test-backend-areas test-backend-rest ## the backend and the tools, on an embedded Postgres

test-backend-areas: setup
	$(VENV) -m pytest -p no:ape_test $(BACKEND_AREA_TESTS)

test-backend-rest: setup
	@$(VENV) -m tools.packages
	$(VENV) -m pytest -p no:ape_test $(BACKEND_TESTS)

test-web: setup ## unit tests of the web app
	cd frontend && npm test

test-flow: setup ## the whole system through a real browser
	@$(VENV) -m tools.browser
	$(VENV) -m pytest -p no:ape_test tests/flow

pictures: setup browser ## take the pictures of docs/pictures anew (commit the result)
	$(VENV) -m tests.flow.pictures

browser: setup
	@$(VENV) -m tools.browser

abi: setup ## write the web app's interfaces of the contracts (commit the result)
	$(VENV) -m tools.export_abi --typescript

clients: setup ## build the API's clients, a wheel and an npm package, from its description (docs/clients.md)
	@$(VENV) -m tools.clients

graphql: setup ## write docs/schema.graphql (commit the result)
	$(VENV) -m backend graphql > docs/schema.graphql

docs: setup ## build docs/ as a site with menu and search, in site/ (stops at a dead link)
	$(VENV) -m tools.links
	$(VENV) -m tools.configuration
	$(VENV) -m mkdocs build --quiet

lint: setup ## every static check: Python, Solidity, TypeScript
	@$(VENV) -m tools.lint

mutants: setup ## break the contracts in 150 and more small ways: do the tests notice? (about 30 minutes; can be resumed)
	@$(VENV) -m tools.mutation $(if $(COUNT),--count $(COUNT)) $(if $(SEED),--seed $(SEED)) $(if $(ONLY),--only $(ONLY))

bench: setup ## measure: everything in benchmarks/
	@$(VENV) -m tools.bench

clean: ## remove what was built and installed (STATE=1: the local chain and database too)
	$(if $(STATE),@$(CLEAN_STATE))
	rm -rf .venv node_modules frontend/node_modules frontend/dist .build contracts/.cache
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis tools/ape-npm-solc/*.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help setup run backup restore recover test test-contracts test-fast-chain test-ape fuzz fuzz-contracts fuzz-listener fuzz-api chaos test-services test-listener test-backend test-backend-areas test-backend-rest test-web test-flow pictures browser abi clients graphql docs lint mutants bench clean
