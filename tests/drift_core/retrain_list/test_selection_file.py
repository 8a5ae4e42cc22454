import io

import numpy as np
import pandas as pd

from drift_core.retrain_list.selection_file import selection_csv
from drift_core.samples.pairs import ScoredPairs
from drift_core.tables.pair_digests import digest_pairs


def test_the_chosen_pairs_are_written_with_their_rows_and_formulas_are_made_harmless():
    production = ScoredPairs(
        name="p",
        query=np.array(["=1+1", "b", "c"], dtype=object),
        teacher=np.array([1.0, -2.0, 3.0]),
        student=np.array([0.1, 0.2, 0.3]),
        pair_id=np.array(["x", "y", "z"], dtype=object),
        slices={"surface": np.array(["web", "app", "web"], dtype=object)},
        row=np.array([0, 4, 7]),
    )
    region = np.array(["pets", "pets", "login"], dtype=object)
    written = selection_csv(production, np.array([True, True, False]), region=region)
    table = pd.read_csv(io.BytesIO(written))
    assert table["pair_digest"].tolist() == digest_pairs(["=1+1", "b"]).tolist()
    assert table["row"].tolist() == [0, 4]
    assert table["pair_id"].tolist() == ["x", "y"]
    assert table["query"].tolist() == ["'=1+1", "b"]
    assert table["teacher_score"].tolist() == [1.0, -2.0]
    assert table["surface"].tolist() == ["web", "app"]
