"""A visitor of the app: a page in a browser profile of its own, and what went wrong there behind the scenes."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, FilePayload, Locator, Page, ViewportSize, expect

from scripts.running_app import SETTLE_SECONDS, go_to, open_page, settle

DESK, PHONE = 1440, 390  # pixels
HEIGHTS = {DESK: 900, PHONE: 844}
# What moves while the server computes is drawn anew sixty times a second.
STILL = """
const sheet = new CSSStyleSheet();
sheet.replaceSync("*, *::before, *::after { animation: none !important; transition: none !important }");
document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
"""
# How many presses have reached a button: one whose button moves between the pointer's down and up reaches none.
PRESSES = """
window.presses = 0;
addEventListener("click", event => { window.presses += Boolean(event.target.closest?.("button")) }, true);
"""
MOST_PRESSES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who looks at the app at `address`; `faults` gathers console errors and requests to other hosts."""

    page: Page
    address: str
    faults: list[str] = field(default_factory=list)

    def leave(self) -> None:
        """Close the page and empty the profile; what it has compiled of the app stays for who comes next."""
        self.page.goto("about:blank")
        storage = self.page.context.new_cdp_session(self.page)
        storage.send("Storage.clearDataForOrigin", {"origin": self.address, "storageTypes": "all"})
        self.page.close()

    def open(self, name: str, **settings: str) -> None:
        open_page(self.page, self.address, name, **settings)

    def go_to(self, name: str) -> None:
        go_to(self.page, name)

    def settle(self) -> None:
        settle(self.page)

    def resize(self, width: int) -> None:
        """Give the visitor another screen under the open page."""
        self.page.set_viewport_size(_screen(width))
        self.settle()

    def turn(self, scheme: str) -> None:
        """Change the colours of the visitor's machine, light or dark, under the open page."""
        self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        self.settle()

    def by_key(self, key: str) -> Locator:
        """The widget with this key."""
        return self.page.locator(f".st-key-{key}")

    def press(self, key: str) -> None:
        """Press the button with this key; once more where the page moved it away under the pointer."""
        for _ in range(MOST_PRESSES):
            before = self.page.evaluate("presses")
            self.by_key(key).get_by_role("button").click()
            if self.page.evaluate("presses") > before:
                return
        raise AssertionError(f"No press of {key} reached its button.")

    def unfold(self, title: str) -> None:
        """Open what is folded away under this title; until it is open to its full height its buttons move."""
        self.main.get_by_text(title).click()
        self.settle()

    def fill(self, key: str, text: str) -> None:
        """Write into the field with this key; what is drawn anew meanwhile must not take it away."""
        field = self.by_key(key).locator("input, textarea").first
        field.fill(text)
        expect(field).to_have_value(text)

    def go_on(self, name: str) -> None:
        """Press the button that leads to the next step, and wait until that page is there."""
        self.press(f"next_{name}")
        self.page.wait_for_url(re.compile(rf"/{name}(\?.*)?$"))
        settle(self.page)

    def upload(self, side: str, file: Path | FilePayload) -> None:
        self.by_key(f"upload_{side}").locator("input[type=file]").set_input_files(file)

    def download(self, key: str) -> Path:
        self.settle()  # while a page is drawn anew its download still points at the file of the drawing before
        with self.page.expect_download() as started:
            self.press(key)
        return started.value.path()

    @property
    def main(self) -> Locator:
        return self.page.get_by_test_id("stMain")

    @property
    def verdict(self) -> Locator:
        """The verdict line under the title."""
        return self.main.locator("h2").first

    @property
    def messages(self) -> Locator:
        """What the page says is wrong."""
        return self.page.get_by_test_id("stAlert")

    @property
    def tracebacks(self) -> Locator:
        return self.page.get_by_test_id("stException")


def new_visitor(browser: Browser, address: str, *, width: int = DESK, scheme: str = "light") -> Visitor:
    """Open a browser profile for somebody: one that all have left, or a new one, which must compile the app anew."""
    context = next((each for each in browser.contexts if not each.pages), None) or browser.new_context()
    context.set_default_timeout(SETTLE_SECONDS * 1000)
    visitor = Visitor(page=context.new_page(), address=address)
    visitor.page.add_init_script(STILL + PRESSES)
    visitor.page.set_viewport_size(_screen(width))
    visitor.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    host = urlsplit(address).netloc
    visitor.page.on("console", lambda message: _note_console(visitor, message))
    visitor.page.on("pageerror", lambda error: visitor.faults.append(f"script: {error}"))
    visitor.page.on("request", lambda request: _note_request(visitor, request.url, host))
    visitor.page.on("websocket", lambda socket: _note_request(visitor, socket.url, host))
    return visitor


def _screen(width: int) -> ViewportSize:
    return {"width": width, "height": HEIGHTS[width]}


def _note_console(visitor: Visitor, message: ConsoleMessage) -> None:
    # Streamlit looks for its own addresses beside a deep link first, and finds them one folder up.
    is_streamlits_own = "404" in message.text and "/_stcore/" in message.location["url"]
    if message.type == "error" and not is_streamlits_own:
        visitor.faults.append(f"console: {message.text} {message.location['url']}")


def _note_request(visitor: Visitor, url: str, host: str) -> None:
    parts = urlsplit(url)
    if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != host:
        visitor.faults.append(f"request to another host: {url}")
