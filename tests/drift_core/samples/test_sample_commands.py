from dataclasses import replace

import pandas as pd

from drift_core.samples.reading import read_pairs
from drift_core.samples.sample_commands import draw_command, score_command

TABLE = pd.DataFrame(
    {"query": ["a question"] * 20, "doc": [f"doc {i}" for i in range(20)], "teacher": range(20), "ranker": range(20)}
)


def test_the_student_scores_a_file_again_into_the_column_that_it_was_read_from(tmp_path):
    TABLE.to_csv(path := tmp_path / "week 3.csv", index=False)
    sample = read_pairs(path, columns={"student": "ranker"})

    command = score_command(sample)

    assert command == (f"distillation-drift score '{path}' --student DIR --into ranker --out scored_again.csv")
    assert draw_command(sample, 9) == f"distillation-drift sample '{path}' --n 9 --out to_pin.csv"
    assert score_command(replace(sample, doc=None)) == ""
    assert score_command(read_pairs(TABLE, columns={"student": "ranker"})) == ""
