# Everything a developer does. A fresh clone needs python3 (3.11 or newer), pip and make.
PYTHON ?= python3
VENV := .venv
OLDEST := .venv-oldest
BIN := $(VENV)/bin
ARGS ?=

.PHONY: help setup run test test-oldest expectations lint fmt check fuzz bench screenshots docs man dist clean distclean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.installed-check ## make .venv with all that development needs

run: $(VENV)/.installed ## open the demo: make run, or make run ARGS="prog.o -t running"
	$(BIN)/btfview $(or $(ARGS),demo/sched.rs)

test: $(VENV)/.installed-test ## run the tests: make test, or make test ARGS="-k ptr"
	$(BIN)/python -m pytest -n auto $(ARGS)

test-oldest: $(VENV)/.installed-oldest ## the same with the oldest packages that pyproject.toml allows
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(OLDEST)
	$(BIN)/uv pip install --quiet --python $(OLDEST)/bin/python --resolution lowest-direct -e '.[test]'
	$(OLDEST)/bin/python -m pytest -n auto $(ARGS)

expectations: $(VENV)/.installed-test ## ask rustc anew what the tests compare with; needs what CI has
	BTFVIEW_EXPECTATIONS=write $(BIN)/python -m pytest

lint: $(VENV)/.installed-check ## ruff, mypy and the import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

fmt: $(VENV)/.installed-check ## format the code, and mend what ruff can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

check: lint test ## all that CI checks

fuzz: $(VENV)/.installed-test ## hostile inputs: make fuzz TARGET=btf ARGS="--seconds 3600"
	$(BIN)/python -m tests.fuzz $(or $(TARGET),all) $(ARGS)

bench: $(VENV)/.installed-test ## measure against the peers, as ratios
	$(BIN)/python -m tests.bench $(ARGS)

screenshots: $(VENV)/.installed ## make the README's pictures from the running app
	$(BIN)/python screenshots/make.py

docs: $(VENV)/.installed-docs ## build the documentation into build/site; a link that leads nowhere fails
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet --strict
	@echo "build/site/index.html"

man: $(VENV)/.installed ## write the man page, build/btfview.1
	@mkdir -p build
	$(BIN)/python -m tools.docs.man_page >build/btfview.1

dist: $(VENV)/.installed-dist ## sdist, wheel, zipapp and man page into dist; checked, and tried in empty environments
	rm -rf dist
	$(BIN)/python -m build --outdir dist . >/dev/null
	$(BIN)/python -m tools.pack_wheel dist/*.whl
	$(BIN)/twine check --strict dist/*.whl dist/*.tar.gz
	$(BIN)/check-wheel-contents dist/*.whl
	$(PYTHON) tools/try_wheel.py dist/*.whl
	$(PYTHON) tools/try_wheel.py --lean dist/*.whl
	$(PYTHON) tools/try_wheel.py --web dist/*.whl
	$(BIN)/shiv --quiet --console-script btfview --output-file dist/btfview.pyz dist/*.whl
	$(BIN)/python -m tools.docs.man_page >dist/btfview.1

clean: ## remove caches and build products
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find btfview tests tools demo screenshots -name __pycache__ -prune -exec rm -rf {} +

distclean: clean ## the same, and .venv
	rm -rf $(VENV) $(OLDEST)

# A stamp says that .venv holds what this pyproject.toml asks for. Debian's python3 without python3-venv
# has venv but no ensurepip; there the outer pip installs into .venv.
define install
@echo "installing btfview$(EXTRAS) into $(VENV)"; \
options="install --quiet --disable-pip-version-check"; \
if test -x $(BIN)/pip; then $(BIN)/python -m pip $$options -e '.$(EXTRAS)'; \
else $(PYTHON) -m pip --python $(BIN)/python $$options -e '.$(EXTRAS)'; fi
@touch $@
endef

$(VENV)/.python:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is not there: install Python 3.11 or newer," \
	    "or name one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$$($(PYTHON) --version) is" \
	    "too old: btfview needs 3.11 or newer; name one: make PYTHON=python3.12" >&2; exit 1; }
	@if $(PYTHON) -c 'import ensurepip' 2>/dev/null; then $(PYTHON) -m venv $(VENV); \
	elif $(PYTHON) -c 'import pip, venv' 2>/dev/null; then $(PYTHON) -m venv --without-pip $(VENV); \
	else echo "$(PYTHON) can not make a virtual environment: install python3-venv (Debian, Ubuntu)" >&2; \
	    exit 1; fi
	@touch $@

# What is asked for is installed by one run of pip, and so are the smaller sets that it holds.
$(VENV)/.installed: pyproject.toml | $(VENV)/.python
	$(install)

$(VENV)/.installed-test: private EXTRAS = [test]
$(VENV)/.installed-test: pyproject.toml | $(VENV)/.python
	$(install)
	@touch $(VENV)/.installed

$(VENV)/.installed-check: private EXTRAS = [test,check]
$(VENV)/.installed-check: pyproject.toml | $(VENV)/.python
	$(install)
	@touch $(VENV)/.installed $(VENV)/.installed-test

$(VENV)/.installed-oldest: private EXTRAS = [oldest]
$(VENV)/.installed-oldest: pyproject.toml | $(VENV)/.python
	$(install)
	@touch $(VENV)/.installed

$(VENV)/.installed-docs: private EXTRAS = [docs]
$(VENV)/.installed-docs: pyproject.toml | $(VENV)/.python
	$(install)
	@touch $(VENV)/.installed

$(VENV)/.installed-dist: private EXTRAS = [dist]
$(VENV)/.installed-dist: pyproject.toml | $(VENV)/.python
	$(install)
	@touch $(VENV)/.installed

$(VENV)/.installed-ci: private EXTRAS = [test,check,oldest,docs]
$(VENV)/.installed-ci: pyproject.toml | $(VENV)/.python
	$(install)
	@touch $(foreach set,-test -check -oldest -docs,$(VENV)/.installed$(set)) $(VENV)/.installed
