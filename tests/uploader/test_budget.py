from uploader.budget import Budget, Grant

LOW, FACE = ("low_confidence",), ("masked",)


def granted(budget: Budget, camera: str, at_s: float) -> bool:
    return budget.take(camera, LOW, at_s) is Grant.GRANTED


def test_no_minute_holds_more_than_the_budget() -> None:
    budget = Budget(3)
    taken = [at for at in range(600) if granted(budget, "door", at / 2)]
    assert all(sum(start <= at < start + 120 for at in taken) <= 3 for start in range(600))
    assert len(taken) == 3 * 5


def test_cameras_have_budgets_of_their_own() -> None:
    budget = Budget(1)
    assert [granted(budget, camera, 0.0) for camera in ("a", "a", "b", "b")] == [True, False] * 2


def test_a_budget_of_nothing_keeps_nothing() -> None:
    assert Budget(0).take("a", LOW, 0.0) is Grant.OVER_BUDGET


def test_frames_kept_for_the_same_reasons_are_apart() -> None:
    budget = Budget(100, gap_s=1.0)
    taken = [at for at in range(40) if granted(budget, "door", at / 10)]
    assert taken == [0, 10, 20, 30]
    assert budget.take("door", LOW, 3.5) is Grant.TOO_SOON


def test_one_reason_does_not_use_up_the_time_of_another() -> None:
    budget = Budget(100, gap_s=1.0)
    assert budget.take("door", LOW, 0.0) is Grant.GRANTED
    assert budget.take("door", FACE, 0.1) is Grant.GRANTED
    assert budget.take("door", FACE, 0.2) is Grant.TOO_SOON
