"""What a server does once for all visitors."""

import gc
import time

from drift_core.regions.encoding import HASHING_ENCODER
from pages.components.session import cached

SECONDS = 60


def test_what_is_imported_is_left_out_of_the_collection_after_every_run():
    gc.unfreeze()
    cached._warm_up_once.clear()

    cached.warm_up_server(HASHING_ENCODER)

    deadline = time.monotonic() + SECONDS
    while not gc.get_freeze_count() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert gc.get_freeze_count() > len(gc.get_objects())
