from drift_core.rescoring.first_calls import AT_FIRST, IN_A_ROW, MOST_IN_VAIN, FirstCalls


def test_no_more_calls_are_in_flight_than_may_be_in_vain():
    first_calls = FirstCalls(is_passed=False, n_in_vain=0)

    assert first_calls.admits(AT_FIRST - 1)
    assert not first_calls.admits(AT_FIRST)
    for _ in range(MOST_IN_VAIN - 2):
        first_calls.count_without_score()
    assert first_calls.admits(1)
    assert not first_calls.admits(2)


def test_it_fails_when_all_were_in_vain_and_a_score_ends_it():
    first_calls = FirstCalls(is_passed=False, n_in_vain=MOST_IN_VAIN - 1)

    assert not first_calls.has_failed
    first_calls.count_without_score()
    assert first_calls.has_failed
    first_calls.count_score()
    assert not first_calls.has_failed
    assert first_calls.admits(1000)


def test_it_fails_when_as_many_answers_in_a_row_have_no_score_whatever_came_before():
    first_calls = FirstCalls(is_passed=True, n_in_vain=0)

    for _ in range(2):
        first_calls.count_score()
        for _ in range(MOST_IN_VAIN - 1):
            first_calls.count_without_score()
        assert not first_calls.has_failed
    first_calls.count_without_score()
    assert first_calls.has_failed


def test_rejections_count_in_a_row_by_their_reason_whatever_its_numbers():
    first_calls = FirstCalls(is_passed=True, n_in_vain=0)

    for number in range(IN_A_ROW - 1):
        first_calls.count_rejected(f"Worker {number} is ill")
    assert not first_calls.are_all_rejected
    first_calls.count_rejected("Something else")
    assert not first_calls.are_all_rejected
    for number in range(IN_A_ROW):
        first_calls.count_rejected(f"Worker {number} is ill")
    assert first_calls.are_all_rejected
    first_calls.count_score()
    assert not first_calls.are_all_rejected
