# Installs the pinned torch: the CPU build unless a GPU is present or asked for.
# Asks pip as the user has configured it first, the PyTorch project's index of CPU builds second,
# and stops rather than fetch gigabytes of CUDA libraries that nobody asked for.
set -eu

if [ "$BUILD" = auto ]; then
  BUILD=cpu
  if command -v nvidia-smi >/dev/null 2>&1 && nvidia-smi -L >/dev/null 2>&1; then BUILD=gpu; fi
fi

pip_install() { "$PIP" install --quiet --disable-pip-version-check "$@"; }

# Outside Linux the registry's plain wheel is the CPU (or Metal) build.
if [ "$BUILD" = gpu ] || [ "$(uname -s)" != Linux ]; then
  pip_install "torch==$VERSION"
  exit 0
fi

if pip_install --no-deps "torch==$VERSION+cpu" 2>/dev/null; then exit 0; fi
if [ -n "$INDEX" ] && pip_install --no-deps --retries 1 --timeout 15 --extra-index-url "$INDEX" "torch==$VERSION+cpu"; then
  exit 0
fi

cat >&2 <<MESSAGE
No CPU build of torch $VERSION could be found: neither in the places pip is configured to look nor in the PyTorch
project's index of CPU builds${INDEX:+ ($INDEX)}. Nothing larger was installed. Either make a CPU build available
to pip (for example with PIP_FIND_LINKS), or accept the CUDA build: make setup TORCH_BUILD=gpu
MESSAGE
exit 1
