"""`vision-app check` and the bucket: what it proves, what it leaves, what would wait."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.wire.faulty import NO_CHECKSUMS, FaultyS3
from tests.wire.s3 import BUCKET, objects
from vision_app.cli import cli

pytestmark = [pytest.mark.wire, pytest.mark.usefixtures("credentials")]


def checked(folder: Path, endpoint: str, more: str, *words: str) -> dict[str, tuple[str, str]]:
    """Verdict and sentence by what they are about."""
    path = folder / "site.toml"
    path.write_text(
        '[[camera]]\nname = "demo"\nkind = "generated"\nexempt = "nobody is in it"\n'
        f'[store]\nurl = "s3://{BUCKET}/site-a"\nendpoint = "{endpoint}"\n'
        f'region = "eu-central-1"\n{more}\n'
    )
    done = CliRunner().invoke(cli, ["check", "--json", "-c", str(path), *words])
    found = json.loads(done.stdout)
    return {one["about"]: (one["verdict"], one["text"]) for one in found}


def test_the_bucket_is_proved_to_be_writable_and_nothing_is_left(
    tmp_path: Path, endpoint: str
) -> None:
    later = datetime.now() + timedelta(hours=6)
    window = f'windows = ["{later:%H:%M}-{later + timedelta(minutes=1):%H:%M}"]'
    found = checked(tmp_path, endpoint, window)
    assert found["store"] == (
        "ok",
        f"The bucket {BUCKET} at {endpoint} can be written with these credentials.",
    )
    verdict, text = found["uploads"]
    assert (verdict, text.startswith("uploads wait until")) == ("note", True)
    assert objects(endpoint) == {}


def test_only_when_it_is_told_to_it_leaves_an_object_and_says_more(
    tmp_path: Path, endpoint: str
) -> None:
    with FaultyS3(endpoint, always=NO_CHECKSUMS) as network:
        found = checked(tmp_path, network.endpoint, "verify = true", "--write")
    assert "confirms no SHA-256" in found["store"][1]
    assert list(objects(endpoint)) == [f"s3://{BUCKET}/site-a/vision-app-check.txt"]
    assert "uploads" not in found
