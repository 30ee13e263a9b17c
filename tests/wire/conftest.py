from collections.abc import Iterator

import pytest

from tests.wire.s3 import CREDENTIALS, emptied, moto_s3


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that the S3 servers of the tests take, and no others."""
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of an S3 server."""
    with moto_s3() as address:
        yield address


@pytest.fixture
def endpoint(server: str, credentials: None) -> str:
    """The same, with nothing but one empty bucket."""
    return emptied(server)
