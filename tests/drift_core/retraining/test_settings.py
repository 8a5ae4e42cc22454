import math

import numpy as np
import pytest

from drift_core.errors import SettingError
from drift_core.retraining.settings import RetrainSettings, ScoreRange


def test_the_defaults_are_the_pattern_s():
    settings = RetrainSettings()

    assert (settings.n_epochs, settings.learning_rate, settings.batch_size) == (1, 1e-5, 8)


@pytest.mark.parametrize("name", ["n_epochs", "batch_size", "checkpoint_steps"])
@pytest.mark.parametrize("value", [0, -1, 1.5, math.nan, True, "8", None])
def test_a_count_must_be_a_whole_number_from_1_up(name, value):
    with pytest.raises(SettingError, match=rf"^The retraining's {name} must be a whole number from 1 up; found"):
        RetrainSettings(**{name: value})


def test_a_seed_may_be_0_and_not_less():
    assert RetrainSettings(seed=0).seed == 0
    with pytest.raises(SettingError, match="seed must be a whole number from 0 up; found -1"):
        RetrainSettings(seed=-1)


@pytest.mark.parametrize("name", ["learning_rate", "replay_share", "warmup_share"])
@pytest.mark.parametrize("value", [-0.1, 1, 1.5, math.nan, math.inf, True, "0.1", None])
def test_a_rate_or_share_must_lie_inside_0_and_1(name, value):
    with pytest.raises(SettingError, match=rf"^The retraining's {name} must be a number in [(\[]0, 1\); found"):
        RetrainSettings(**{name: value})


def test_only_the_warm_up_may_be_0():
    assert RetrainSettings(warmup_share=0).warmup_share == 0
    for name in ("learning_rate", "replay_share"):
        with pytest.raises(SettingError, match=rf"{name} must be a number in \(0, 1\); found 0"):
            RetrainSettings(**{name: 0})


@pytest.mark.parametrize(("low", "high"), [(1, 1), (2, 1), (math.nan, 1), (0, math.inf), (-math.inf, 0)])
def test_a_score_range_is_two_finite_numbers_in_order(low, high):
    with pytest.raises(SettingError, match="A score range is two numbers, the lower first; found"):
        ScoreRange(low=low, high=high)


def test_settings_become_plain_values():
    assert all(type(value) in (int, float, type(None)) for value in RetrainSettings().to_json().values())
    with pytest.raises(SettingError):
        RetrainSettings(batch_size=np.int64(8))
