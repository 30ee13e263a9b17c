"""`vision-app export` on a bucket that devices filled: what it asks the server for."""

import json
import logging
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from tests.uploader.samples import NOON
from tests.vision_app.export.device import Device
from tests.vision_app.test_cli import vision_app
from tests.wire.s3 import BUCKET, settings
from uploader.store import open_store

pytestmark = [pytest.mark.wire, pytest.mark.usefixtures("credentials")]
STORE = f"s3://{BUCKET}/site-a"
DAY = timedelta(days=1)


class Asked:
    """What the server was asked for: method, path and query of each request, by its own log."""

    def __init__(self, log: pytest.LogCaptureFixture) -> None:
        log.set_level(logging.INFO, "werkzeug")
        log.clear()
        self._log = log

    @property
    def requests(self) -> list[tuple[str, str, dict[str, str]]]:
        found = (re.search(r'"([A-Z]+) (\S+) HTTP', line) for line in self._log.messages)
        urls = [(line[1], urlsplit(line[2])) for line in found if line]
        return [
            (method, unquote(url.path), {k: v[0] for k, v in parse_qs(url.query).items()})
            for method, url in urls
        ]

    @property
    def lists(self) -> list[str]:
        """The prefixes below which was listed."""
        return [query["prefix"] for _, _, query in self.requests if "list-type" in query]

    @property
    def read(self) -> list[str]:
        """The paths of what was read."""
        return [path for _, path, query in self.requests if "list-type" not in query]


@pytest.fixture
def ids(endpoint: str, tmp_path: Path) -> list[str]:
    """Of the records in a bucket: of three days of two devices."""
    made = []
    for name in ("cam1", "cam2"):
        with Device(tmp_path / name, open_store(settings(endpoint)), device=name) as device:
            made += [device.keep(at=NOON + DAY * (seq // 4)).id for seq in range(12)]
            device.send()
    return made


def test_only_records_of_the_days_are_asked_for(
    endpoint: str, ids: list[str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    asked = Asked(caplog)
    done = vision_app(
        *("export", STORE, "--endpoint", endpoint, "--region", "eu-central-1"),
        *("--format", "groundtruth", "-o", tmp_path / "new.jsonl"),
        *("--since", f"{NOON + DAY:%Y-%m-%d}", "--until", f"{NOON + DAY:%Y-%m-%d}"),
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in (tmp_path / "new.jsonl").read_text().splitlines()]
    assert [line["vision-app"]["id"] for line in lines] == ids[4:8] + ids[16:20]
    assert all(line["source-ref"].startswith(f"{STORE}/frames/site=farm/") for line in lines)

    assert {method for method, _, _ in asked.requests} == {"GET"}
    assert asked.lists == [
        "site-a/records/",
        "site-a/records/site=farm/",
        "site-a/records/site=farm/device=cam1/",
        "site-a/records/site=farm/device=cam2/",
    ]
    begins = [query["start-after"] for _, _, query in asked.requests if "start-after" in query]
    assert begins == [f"{prefix}date={NOON + DAY:%Y-%m-%d}" for prefix in asked.lists[2:]]
    assert len(asked.read) == 4  # two batches, of three frames at most, of two devices
    records = f"/site-a/records/site=farm/device=cam[12]/date={NOON + DAY:%Y-%m-%d}/"
    assert all(re.search(records, path) for path in asked.read)


def test_a_named_device_is_found_with_one_question(
    endpoint: str, ids: list[str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    asked = Asked(caplog)
    words = "--endpoint", endpoint, "--site", "farm", "--device", "cam2", "--format", "csv"
    done = vision_app("export", STORE, *words, cwd=tmp_path)
    assert done.stdout.count("\n") == 13
    assert all(id in done.stdout for id in ids[12:])
    assert asked.lists == ["site-a/records/site=farm/device=cam2/"]


def test_a_bucket_that_is_not_there_is_one_sentence(endpoint: str, tmp_path: Path) -> None:
    out = tmp_path / "new.csv"
    words = "--endpoint", endpoint, "--format", "csv", "-o", out
    done = vision_app("export", "s3://not-there", *words, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "there is no such bucket" in done.stderr
    assert list(tmp_path.iterdir()) == []
