# Two commands matter: `make app` opens the app, `make test` runs the tests. Both make the environment on first use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/ready
BROWSER := $(VENV)/browser
# Memory that was freed is used again, not given back and asked for anew: a diagnosis asks for a tenth of a gigabyte.
MEMORY := MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=1073741824 MALLOC_TRIM_THRESHOLD_=1073741824
TESTS := OMP_NUM_THREADS=1 $(MEMORY) PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest

TORCH_VERSION := 2.13.0
# cpu, gpu or auto; auto takes the CPU build unless an NVIDIA GPU is found.
TORCH_BUILD ?= auto
# The PyTorch project's own index of CPU builds; set it empty to use only what pip already offers.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu

# A company's proxy has a certificate of its own, which the system knows; by itself, uv asks its own list alone.
BUNDLES := /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt
export UV_SYSTEM_CERTS ?= $(if $(wildcard $(BUNDLES)),true,false)

.PHONY: app setup test unit check calibrate stress ray wheel-test bench screenshots lint types docs constraints

app: $(STAMP)
	@$(BIN)/distillation-drift app

# On one thread each; those of the browser tests wait much, so that three keep two processors busy, and each collects all
# tests anew. Hundreds of processes are begun; compiled code is kept for them.
test: $(STAMP) $(BROWSER)
	@$(TESTS) -n 3 --no-loadscope-reorder --durations=20

# The library alone, without whole commands, pages, browsers and the proofs of its promises; nor what takes long in it:
# training, killed processes, an installation without its extras, and the compiler of umap-learn.
LONG := tests/drift_core/commands tests/drift_core/retraining tests/drift_core/test_installation.py
unit: $(STAMP)
	@$(TESTS) -n 2 --no-loadscope-reorder tests/drift_core drift_core $(LONG:%=--ignore=%) \
	  --ignore-glob='*_killed.py' -k 'not umap_learn'

setup: $(STAMP)

# Slow: proves the error rates that the documentation states.
calibrate: $(STAMP)
	@$(BIN)/python -m pytest -m slow -s tests/calibration

# Slow: what `make test` leaves of its sweeps, the closed loop, over a thousand broken tables and files, twenty visitors
# at once.
stress: $(STAMP) $(BROWSER)
	@$(TESTS) -m slow -n 2 tests --ignore=tests/calibration --ignore=tests/drift_core/traffic/test_engine_on_ray.py

# Slow: the engine on Ray, which [all] leaves out.
ray: $(STAMP)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --constraint constraints.txt --editable '.[ray]'
	@$(TESTS) -m slow tests/drift_core/traffic/test_engine_on_ray.py

# The wheel in clean environments and empty folders: the core alone, then everything with the app. Fetches packages.
wheel-test: $(STAMP)
	@VERSION="$(TORCH_VERSION)" INDEX="$(TORCH_INDEX)" $(BIN)/python -m scripts.try_wheel

bench: $(STAMP)
	@for script in benchmarks/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

# The pictures in README and docs, taken from the running app.
screenshots: $(STAMP)
	@$(BIN)/python -m scripts.take_screenshots

lint: $(STAMP)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(STAMP)
	@$(BIN)/mypy

# What is asked of every change first.
check: lint types unit

# Strict: a warning is an error. What is built asks no other host, neither now nor when it is read.
docs: $(VENV)/docs
	@rm -rf build/docs && $(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going docs build/docs/html
	@! grep -rnoE '<(script|img|link|iframe)[^>]+(src|href)="(https?:)?//[^"]*|url\(.?https?:[^)]*|@import[^;]*' \
	  --include=*.html --include=*.css build/docs/html || { echo "A page asks another host."; exit 1; }
	@echo "Open build/docs/html/index.html"

$(STAMP): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt uv
	@BUILD="$(TORCH_BUILD)" INDEX="$(TORCH_INDEX)" VERSION="$(TORCH_VERSION)" PIP="$(BIN)/pip" sh scripts/install_torch.sh
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --constraint constraints.txt --editable '.[all]' --group dev
	@touch $@

$(VENV)/docs: $(STAMP)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --constraint constraints.txt --group docs
	@touch $@

# Tried once: without a browser its tests are left out, and the run says how to get one.
$(BROWSER): $(STAMP)
	@PLAYWRIGHT=$(BIN)/playwright sh scripts/get_browser.sh
	@touch $@

# torch and the CUDA packages of its GPU build stay out: scripts/install_torch.sh chooses the build.
constraints: $(STAMP)
	@printf 'torch==$(TORCH_VERSION)\n' | $(BIN)/uv pip compile --quiet --universal --no-header --no-annotate --upgrade \
	  --constraint - --extra all --extra ray --group dev --group docs --no-emit-package torch pyproject.toml | grep -vE '^(nvidia|cuda|triton)' > constraints.new
	@mv constraints.new constraints.txt
