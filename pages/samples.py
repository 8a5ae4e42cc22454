"""Placeholder."""
from pages.components import frame

with frame.page("samples") as inv:
    pass
