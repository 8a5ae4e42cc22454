"""Placeholder."""
from pages.components import frame

with frame.page("overlap") as inv:
    pass
