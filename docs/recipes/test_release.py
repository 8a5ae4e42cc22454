"""The release gate as a test of your own suite: it fails with the gate's answer in one line."""

import os

import pytest

from drift_core import gate_release


def test_the_student_may_ship():
    decision = gate_release(os.environ.get("HISTORY", "canary.db"), card=os.environ.get("CARD", "judges.yaml"))

    if decision.status != "pass":
        pytest.fail(decision.sentence)
