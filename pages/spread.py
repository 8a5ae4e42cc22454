"""Placeholder."""
from pages.components import frame

with frame.page("spread") as inv:
    pass
