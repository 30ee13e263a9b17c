from vision_app.ledger import End, Ledger


def test_every_captured_frame_ends_under_one_reason() -> None:
    ledger = Ledger()
    for _ in range(3):
        ledger.captured()
    ledger.ended(End.PUBLISHED)
    ledger.ended(End.DROPPED_NEWER)
    assert ledger.account().in_flight == 1
    ledger.close()
    account = ledger.account()
    assert account.in_flight == 0
    assert account.ends == {"published": 1, "dropped_newer": 1, "dropped_at_stop": 1}


def test_latency_percentiles_are_nearest_rank() -> None:
    ledger = Ledger()
    for ms in range(1, 101):
        ledger.latency(float(ms))
    assert ledger.account().latency_ms == {"p50": 50.0, "p95": 95.0}


def test_there_is_no_latency_before_the_first_frame() -> None:
    assert Ledger().account().latency_ms == {}


def test_a_frame_kept_for_two_reasons_is_one_frame() -> None:
    ledger = Ledger()
    ledger.kept(("masked", "low_confidence"))
    account = ledger.account()
    assert (account.kept_frames, account.kept) == (1, {"masked": 1, "low_confidence": 1})
