"""Take the documentation's pictures from the running app, on shipped samples and the shipped year of canaries."""

from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, sync_playwright

from drift_core.regions.encoding import DEFAULT_ENCODER
from drift_core.simulation.canary_year_samples import NAME as HISTORY
from scripts.running_app import ROOT, go_to, launch, open_page, serve, settle

PICTURES = ROOT / "docs" / "pictures"
SCENARIO = "query-drift"
WALK = ("spread", "overlap", "regions", "verdict", "retrain")
WATCH = ("canary", "gate")  # pages of the canary's history, shown with the shipped year
SIZE = {"width": 1440, "height": 1000}


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        serve(Path(folder), encoder=DEFAULT_ENCODER) as address,
        sync_playwright() as playwright,
    ):
        page = launch(playwright).new_page(viewport=SIZE, color_scheme="light", device_scale_factor=1)
        _take_all(page, address)


def _take_all(page: Page, address: str) -> None:
    open_page(page, address, "start")
    _take(page, "start")
    open_page(page, address, "samples", scenario=SCENARIO, history=HISTORY)
    _take(page, "samples")
    for name in WALK:
        go_to(page, name)
        _take(page, name)
        if name == "regions":
            _take_map(page)
    go_to(page, "comparison")
    page.locator(".st-key-comparison_open_scenario").get_by_role("button").click()
    settle(page)
    _take(page, "comparison")
    for name in WATCH:
        open_page(page, address, name, history=HISTORY)
        _take(page, name)


def _take(page: Page, name: str) -> None:
    page.mouse.move(0, 0)  # no button under the mouse
    page.screenshot(path=PICTURES / f"{name}.png")
    print(f"{name}.png")


def _take_map(page: Page) -> None:
    drawn = page.locator(".st-key-regions_map")
    drawn.scroll_into_view_if_needed()
    settle(page)
    drawn.screenshot(path=PICTURES / "map.png")
    print("map.png")


if __name__ == "__main__":
    main()
