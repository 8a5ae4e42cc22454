from drift_core.rescoring.turns import Turn, TurnQueue


def test_fresh_pairs_come_in_order_and_waiting_ones_when_they_are_due():
    agenda = TurnQueue([4, 5])

    assert agenda.take(0.0) == Turn(due=0.0, position=4)
    agenda.put_back(Turn(due=2.0, position=4, attempt=2))
    agenda.put_back(Turn(due=1.0, position=9, attempt=3))

    assert agenda.next_due == 1.0
    assert agenda.take(0.5).position == 5
    assert agenda.take(0.5) is None
    assert [agenda.take(2.0).position for _ in range(2)] == [9, 4]
    assert agenda.next_due is None
    assert agenda.take(9.0) is None
