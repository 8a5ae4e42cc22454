from drift_core.charts.canary_entropy import entropy_timeline
from drift_core.charts.specification import specified
from tests.drift_core.canary.test_collapse import entropy, versions


def test_each_version_has_its_colour_its_mean_and_a_sentence():
    weeks = versions(entropy(3.3), entropy(3.0), None, entropy(2.6))

    chart = entropy_timeline(weeks)

    assert chart.to_dict()["description"] == (
        "Entropy of the student's outputs by version. "
        "s0: 3.30 (3.26 to 3.34) bits, 99%, 0.00 under the teacher's; 2 weeks; "
        "s1: 3.00 (2.96 to 3.04) bits, 90%, 0.30 under the teacher's; 2 weeks; "
        "s3: 2.60 (2.56 to 2.64) bits, 78%, 0.70 under the teacher's; 2 weeks."
    )
    rows, means = specified(chart)["datasets"].values()
    assert (len(rows), [row["version"] for row in means]) == (6, ["s0", "s1", "s3"])
