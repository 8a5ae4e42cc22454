from drift_core.rescoring.first_calls import AT_FIRST, IN_A_ROW, MOST_IN_VAIN, Probation


def test_no_more_calls_are_in_flight_than_may_be_in_vain():
    probation = Probation(is_passed=False, n_in_vain=0)

    assert probation.admits(AT_FIRST - 1)
    assert not probation.admits(AT_FIRST)
    for _ in range(MOST_IN_VAIN - 2):
        probation.count_without_score()
    assert probation.admits(1)
    assert not probation.admits(2)


def test_it_fails_when_all_were_in_vain_and_a_score_ends_it():
    probation = Probation(is_passed=False, n_in_vain=MOST_IN_VAIN - 1)

    assert not probation.has_failed
    probation.count_without_score()
    assert probation.has_failed
    probation.count_score()
    assert not probation.has_failed
    assert probation.admits(1000)


def test_it_fails_when_as_many_answers_in_a_row_have_no_score_whatever_came_before():
    probation = Probation(is_passed=True, n_in_vain=0)

    for _ in range(2):
        probation.count_score()
        for _ in range(MOST_IN_VAIN - 1):
            probation.count_without_score()
        assert not probation.has_failed
    probation.count_without_score()
    assert probation.has_failed


def test_rejections_count_in_a_row_by_their_reason_whatever_its_numbers():
    probation = Probation(is_passed=True, n_in_vain=0)

    for number in range(IN_A_ROW - 1):
        probation.count_rejected(f"Worker {number} is ill")
    assert not probation.are_all_rejected
    probation.count_rejected("Something else")
    assert not probation.are_all_rejected
    for number in range(IN_A_ROW):
        probation.count_rejected(f"Worker {number} is ill")
    assert probation.are_all_rejected
    probation.count_score()
    assert not probation.are_all_rejected
