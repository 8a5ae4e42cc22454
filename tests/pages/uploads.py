"""The samples page as a visitor finds it, small samples by hand, and their upload."""

from pathlib import Path

import numpy as np
import pandas as pd
from streamlit.testing.v1 import AppTest

from tests.pages.walk import SECONDS, ran

APP = Path(__file__).parents[2] / "app.py"


def samples_page():
    app = ran(AppTest.from_file(APP, default_timeout=SECONDS))
    return ran(app.switch_page("pages/samples.py"))


def frame(seed, n=60):
    rng = np.random.default_rng(seed)
    teacher = rng.uniform(size=n).round(3)
    return pd.DataFrame(
        {
            "q": [f"question {i % 30} of {seed}" for i in range(n)],
            "judge": teacher,
            "student": (teacher + rng.normal(scale=0.05, size=n)).round(3),
        }
    )


def upload(samples, side, content, name="pairs.csv"):
    content = content if isinstance(content, bytes) else content.to_csv(index=False).encode()
    samples.file_uploader(f"upload_{side}").set_value((name, content, "text/csv"))
    return ran(samples)


def both_samples(samples):
    upload(samples, "heldout", frame(1))
    return upload(samples, "production", frame(2))
