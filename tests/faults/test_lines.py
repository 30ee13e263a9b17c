from pathlib import Path
from random import Random

import pytest

from tests.faults.accounts import id_of
from tests.faults.sender import sender
from tests.wire.faulty import (
    BLACK_HOLE,
    DENIED,
    EXPIRED,
    INTERNAL,
    LOST,
    NO_BUCKET,
    RESET,
    SKEWED,
    SLOW,
    SLOW_DOWN,
    WRONG_REGION,
    Fault,
    FaultyS3,
)
from tests.wire.s3 import BUCKET, reader, settings
from uploader.sending.uploader import Outcome
from uploader.settings import StoreSettings

pytestmark = [pytest.mark.wire, pytest.mark.usefixtures("credentials")]

SHORT_S = 0.3
"""A timeout for what never answers; no machine is so slow that others meet the usual one."""
DAY_S = 86_400.0
UNAVAILABLE, REFUSED = Outcome.UNAVAILABLE, Outcome.DENIED

MATRIX: dict[str, tuple[Fault, Outcome, str]] = {
    "500": (INTERNAL, UNAVAILABLE, "500 InternalError"),
    "slow down": (SLOW_DOWN, UNAVAILABLE, "503 SlowDown"),
    "reset in the middle": (RESET, UNAVAILABLE, "cannot be reached"),
    "lost answer": (LOST, UNAVAILABLE, "cannot be reached"),
    "black hole": (BLACK_HOLE, UNAVAILABLE, "timeout after"),
    "403": (DENIED, REFUSED, "s3:PutObject"),
    "wrong region": (WRONG_REGION, REFUSED, "correct [store] region"),
    "expired": (EXPIRED, REFUSED, "renew them"),
    "no bucket": (NO_BUCKET, REFUSED, "no such bucket"),
    "clock": (SKEWED, REFUSED, "the clock of this device is"),
}


def place(network: FaultyS3, timeout_s: float = 5.0, verify: bool = False) -> StoreSettings:
    return settings(network.endpoint, timeout_s).model_copy(update={"verify": verify})


def nothing_went_under_two_keys(network: FaultyS3) -> None:
    keys = {line.partition("?")[0] for line in network.lines("PUT")}
    assert len({id_of(key) for key in keys}) == len(keys)


@pytest.mark.parametrize("verify", [False, True], ids=["put", "verify"])
@pytest.mark.parametrize("name", MATRIX)
def test_what_a_fault_holds_up_arrives_once_when_it_is_over(
    name: str, verify: bool, endpoint: str, quick: Path
) -> None:
    fault, outcome, sentence = MATRIX[name]
    timeout_s = SHORT_S if fault.silent else 5.0
    with (
        FaultyS3(endpoint, fault, fault) as network,
        sender(quick, place(network, timeout_s, verify)) as sending,
    ):
        sending.keep(6, readings=1)
        assert [sending.step() for _ in range(3)] == [outcome, outcome, Outcome.SENT]
        assert any(sentence in said for said in sending.told)
        sending.drain()
        nothing_went_under_two_keys(network)
    counts = sending.uploader.counts
    assert counts.unavailable + counts.denied == 2
    assert counts.sent == {"frame": 6, "sensors": 1, "records": 1}
    assert len(sending.account(endpoint).lines) == 6


def test_a_line_of_1_kilobyte_a_second_is_given_the_time_it_needs(
    endpoint: str, quick: Path
) -> None:
    with (
        FaultyS3(endpoint, always=SLOW) as network,
        sender(quick, place(network, SHORT_S)) as sending,
    ):
        sending.keep(1)
        sending.drain()
    assert sending.uploader.counts.unavailable > 1
    assert any("timeout after" in said for said in sending.told)
    sending.account(endpoint)


@pytest.mark.parametrize("seed", range(4))
def test_any_faults_in_any_order_hold_up_and_lose_nothing(
    seed: int, endpoint: str, quick: Path
) -> None:
    """With eviction in two of them, where what was sent but not confirmed must stay."""
    draw, faults = Random(seed), [fault for fault, _, _ in MATRIX.values()]
    weights = [1 if fault is BLACK_HOLE else 10 for fault in faults]
    max_count = 100_000 if seed % 2 else 20
    with (
        FaultyS3(endpoint) as network,
        sender(quick, place(network, SHORT_S, verify=seed >= 2), max_count) as sending,
    ):
        for _ in range(25):
            sending.keep(draw.randint(0, 12), readings=draw.randint(0, 1))
            network.faults += draw.choices(faults, weights, k=draw.randint(0, 5))
            for _ in range(draw.randint(0, 14)):
                sending.step()
        network.faults.clear()
        sending.drain()
        nothing_went_under_two_keys(network)
    arrived = sending.account(endpoint)
    assert sending.uploader.counts.retries > 20
    assert len(arrived.lines) + len(arrived.stones) > 100
    assert bool(arrived.stones) == (max_count == 20)


def test_a_bucket_that_is_gone_for_a_day_loses_nothing_and_is_not_besieged(
    endpoint: str, quick: Path
) -> None:
    with FaultyS3(endpoint) as network, sender(quick, place(network)) as sending:
        sending.keep(5)
        sending.drain()
        held = take_away(endpoint)
        for hour in range(24):
            sending.keep(4, readings=1)
            while sending.now_s < (hour + 1) * DAY_S / 24:
                assert sending.step() is REFUSED
        assert "no such bucket: create it or correct [store] url" in sending.uploader.problem
        asked = sending.uploader.counts.denied
        print(f"{asked} attempts in a day")
        assert DAY_S / 300 <= asked <= DAY_S / 150
        give_back(endpoint, held)
        sending.drain()
    assert len(sending.account(endpoint).lines) == 5 + 24 * 4


def take_away(endpoint: str) -> dict[str, bytes]:
    """The bucket, and returns what was in it."""
    with reader(endpoint) as client:
        keys = [item["Key"] for item in client.list_objects_v2(Bucket=BUCKET)["Contents"]]
        held = {key: client.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys}
        for key in keys:
            client.delete_object(Bucket=BUCKET, Key=key)
        client.delete_bucket(Bucket=BUCKET)
    return held


def give_back(endpoint: str, held: dict[str, bytes]) -> None:
    with reader(endpoint) as client:
        region = {"LocationConstraint": "eu-central-1"}
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=region)
        for key, body in held.items():
            client.put_object(Bucket=BUCKET, Key=key, Body=body)
