# Every target sets up what it needs. Python 3.11 or newer is found by name; say PYTHON=... to choose another.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help demo test check lock bundle docs bench soak clean

help:
	@echo "make demo    rate examples/portfolio.geojson into out/demo/"
	@echo "make test    run every test"
	@echo "make check   linters, types, import contract, licences"
	@echo "make docs    write docs/reference from the program itself"
	@echo "make bundle  rebuild the shipped data from its pinned sources and compare"
	@echo "make bench   measure beside peers (half an hour); writes pages in docs/method"
	@echo "make soak    kill parts of a loaded platform for five minutes; nothing may be lost"
	@echo "make lock    rewrite requirements/*.txt from pyproject.toml"

.venv/run: requirements/run.txt pyproject.toml hatch_build.py javascript/package-lock.json
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/test: requirements/test.txt .venv/run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/test.txt
	@touch $@

demo: .venv/run
	$(BIN)/greensilk screen examples/portfolio.geojson --out out/demo

test: .venv/test
	$(BIN)/python -m pytest -n auto --dist loadfile

check: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/licences.py

docs: .venv/run
	$(BIN)/python tools/reference.py

bundle:
	$(PYTHON) -m venv .venv-bundle
	.venv-bundle/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r tools/bundle/requirements.txt
	.venv-bundle/bin/python tools/bundle/build.py --check

bench: .venv/test
	$(BIN)/python benchmarks/aiddata_portfolio.py
	$(BIN)/python -m benchmarks run
	$(BIN)/python -W ignore -m benchmarks.index full
	$(BIN)/python -m benchmarks.backtest
	$(BIN)/python -m benchmarks.routes
	$(BIN)/python -m benchmarks.serving

soak: .venv/test
	$(BIN)/python -m benchmarks.soak

lock: .venv/run
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra build -o requirements/run.txt -q
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra build --extra test -o requirements/test.txt -q

clean:
	rm -rf out .venv .venv-bundle
