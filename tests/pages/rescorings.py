"""Re-scorings that are begun without a page, and the page that shows one."""

import time

from pages.components.rescore import rescore_jobs
from pages.components.rescore.rescore_jobs import JobSettings
from tests.drift_core.rescoring.cases import list_of
from tests.pages.walk import SECONDS, opened


def begun(folder, url, *, n=12, **settings):
    """A re-scoring with its list; gives the token."""
    path = list_of(n, folder)
    entered = JobSettings(list_name=path.name, n_pairs=n, model="judge", url=url, **{"max_calls": 100} | settings)
    return rescore_jobs.make(path.read_bytes(), entered)


def shown(token):
    return opened("rescore", scenario="", rescore=token)


def links(page):
    """Every address that the page leads to."""
    return [each.proto.query_string for each in page.get("page_link")]


def wait(token):
    deadline = time.monotonic() + SECONDS
    while rescore_jobs.job_of(token).is_running:
        assert time.monotonic() < deadline
        time.sleep(0.02)
