"""Lists and reads a bucket, for audits and exports; a device never does."""

from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Any

from uploader.errors import ObjectMissing, StoreDenied, StoreRejected, StoreUnavailable
from uploader.reading import Stored
from uploader.settings import StoreSettings
from uploader.stores.s3 import Bucket, code_of

READ_ATTEMPTS = 5


class S3Reader:
    """Lists and reads what lies below the prefix; needs s3:ListBucket and s3:GetObject."""

    def __init__(self, settings: StoreSettings) -> None:
        self._bucket = Bucket(settings, READ_ATTEMPTS, "s3:ListBucket and s3:GetObject")

    def uri(self, key: str) -> str:
        """s3://bucket/prefix/key."""
        return self._bucket.uri(key)

    def objects(self, prefix: str = "", after: str = "") -> Iterator[Stored]:
        """See `StoreReader.objects`; asks for a thousand at a time."""
        bucket = self._bucket
        begin = {"StartAfter": bucket.full(after)} if after else {}
        for page in self._pages(prefix, begin):
            for item in page.get("Contents", ()):
                yield Stored(bucket.short(item["Key"]), item["Size"], item["LastModified"])

    def folders(self, prefix: str) -> Iterator[str]:
        """See `StoreReader.folders`; the server skips what lies in them."""
        for page in self._pages(prefix, {"Delimiter": "/"}):
            for item in page.get("CommonPrefixes", ()):
                yield self._bucket.short(item["Prefix"])

    def read(self, key: str) -> bytes:
        """See `StoreReader.read`; asks once more when the connection breaks within the body."""
        with suppress(StoreUnavailable):
            return self._read(key)
        return self._read(key)

    def close(self) -> None:
        """Drops the connections; a later call would open new ones."""
        self._bucket.close()

    def _pages(self, prefix: str, more: dict[str, str]) -> Iterator[Any]:
        bucket, more = self._bucket, {"Prefix": self._bucket.full(prefix), **more}
        while True:
            with bucket.asked("its objects cannot be listed"):
                page = bucket.client.list_objects_v2(Bucket=bucket.name, **more)
            yield page
            if not page.get("IsTruncated"):
                return
            more["ContinuationToken"] = page["NextContinuationToken"]

    def _read(self, key: str) -> bytes:
        bucket = self._bucket
        try:
            with bucket.asked(f"{key} cannot be read"):
                answer = bucket.client.get_object(Bucket=bucket.name, Key=bucket.full(key))
                with closing(answer["Body"]) as stream:
                    body: bytes = stream.read()
        except (StoreDenied, StoreRejected) as error:
            code = code_of(error)
            if code == "NoSuchKey":
                raise ObjectMissing(f"{bucket.where} does not hold {key}") from error
            if code == "InvalidObjectState":
                raise StoreRejected(f"{key} lies in an archive: restore it to read it") from error
            raise
        return body
