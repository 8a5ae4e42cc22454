"""Opening the later pages of the walk in Streamlit's test harness, with the quick encoder."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

PAGES = Path(__file__).parents[2] / "pages"
SECONDS = 180


def opened(name, **settings):
    """A page opened by its own address with a scenario in it, without an exception shown."""
    page = AppTest.from_file(PAGES / f"{name}.py", default_timeout=SECONDS)
    for key, value in ({"scenario": "query-drift"} | settings).items():
        page.query_params[key] = str(value)
    return ran(page)


def ran(page):
    page.run()
    assert not page.exception
    return page


def said(page):
    """All that the page says in words, without the signs that keep Markdown at bay."""
    shown = (*page.title, *page.header, *page.subheader, *page.markdown, *page.caption, *page.text, *page.error)
    return "\n".join(str(each.value) for each in shown).replace("\\", "")


def address(page):
    """The settings in the address; the harness gives them as lists or as they were written."""
    return {name: value if isinstance(value, str) else value[0] for name, value in page.query_params.items()}
