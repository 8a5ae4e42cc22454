"""Step 3, test 2: does it still promote the same pairs?"""

from pages.components.frame import frame
from pages.components.walk.overlap_panel import overlap_panel

with frame.page("overlap") as inv:
    overlap_panel(inv)
    frame.next_step(
        "regions",
        "Regions say where it disagrees, which is the conclusive test; the queries are embedded first.",
    )
