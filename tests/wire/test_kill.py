import gzip
import hashlib
import json
import multiprocessing
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.uploader.receipts.chains import check_chains
from tests.wire.killed import run
from tests.wire.s3 import CREDENTIALS, emptied, moto_s3, objects

pytestmark = pytest.mark.wire

KILLS = 20


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with moto_s3() as address:
        yield emptied(address)


def test_kill_9_under_load_loses_nothing_and_doubles_nothing(endpoint: str, tmp_path: Path) -> None:
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.wire.killed"])
    moments = random.Random(2026)
    arguments = [tmp_path / "spool", endpoint, tmp_path / "accepted"]

    for _ in range(KILLS):
        victim = processes.Process(target=run, args=[*arguments, 2, moments.choice([3, 1000])])
        victim.start()
        victim.join(moments.uniform(0.01, 0.7))
        victim.kill()
        victim.join()
        assert victim.exitcode == -9
    sent_by_victims = len(objects(endpoint))
    last = processes.Process(target=run, args=[*arguments, 0])
    last.start()
    last.join(60)
    last.kill()  # where it hangs: the test ends, and says so
    assert last.exitcode == 0

    accepted = [id for log in tmp_path.glob("accepted.*") for id in log.read_text().splitlines()]
    print(
        f"{KILLS} kills, {len(accepted)} frames accepted, {sent_by_victims} objects sent by victims"
    )
    assert min(len(accepted), sent_by_victims) > 5 * KILLS
    check(objects(endpoint), accepted)


def check(held: dict[str, bytes], accepted: list[str]) -> None:
    """Every accepted frame is there once, whole, has exactly one line, and all are one chain."""
    for address, body in held.items():
        assert hashlib.sha256(body).hexdigest()[:12] in address
    frames = {address: body for address, body in held.items() if "/frames/" in address}
    batches = [body for address, body in held.items() if "/records/" in address]
    ids = Counter(address.rpartition("/")[2][:36] for address in frames)
    lines = [json.loads(line) for body in batches for line in gzip.decompress(body).splitlines()]

    assert set(ids.values()) == {1}
    assert not set(accepted) - set(ids)
    assert Counter(line["id"] for line in lines) == ids
    assert list(check_chains(lines).values()) == [len(lines)]
    assert len({line["chain"]["public_key"] for line in lines}) == 1
    for line in lines:
        assert hashlib.sha256(frames[line["source-ref"]]).hexdigest() == line["sha256"]
