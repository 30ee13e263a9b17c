"""A store that is slow is given more time, again and again: that must cost no memory."""

import tracemalloc

import pytest

from tests.wire.s3 import CREDENTIALS, settings
from uploader.stores.s3 import Bucket

MIB = 1 << 20


def test_a_change_of_patience_does_not_read_anew_what_is_known_of_s3(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    bucket = Bucket(settings("http://127.0.0.1:9"), 1, "s3:PutObject")
    before = bucket.client
    tracemalloc.start()
    try:
        bucket.patience_s *= 2
        assert bucket.client is not before
        taken, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        bucket.close()
    assert taken < most < 2 * MIB
