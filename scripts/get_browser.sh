# Gets a Chromium for the browser tests where there is none: Playwright's own, else the system's package for root.
# Never fails: without one the browser tests are left out, and the test run says so.
set -eu

root_apt() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; }
install() { (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$1") >/dev/null 2>&1 || true; }

# Playwright itself runs on a library that a bare system lacks.
if ! "$PLAYWRIGHT" --version >/dev/null 2>&1 && root_apt; then install libatomic1; fi

for each in chromium-headless-shell chromium chromium-browser google-chrome; do
  if command -v "$each" >/dev/null 2>&1; then exit 0; fi
done

export PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT="${PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT:-10000}"
echo "No browser was found: trying to get one for the browser tests."
if "$PLAYWRIGHT" install --only-shell chromium >/dev/null 2>&1; then
  # The libraries that it needs come from the system's packages.
  if root_apt; then "$PLAYWRIGHT" install-deps chromium >/dev/null 2>&1 || true; fi
elif root_apt; then
  install chromium-headless-shell  # has no windows, and asks a fifth less of the machine
  command -v chromium-headless-shell >/dev/null 2>&1 || install chromium
fi
