"""Whether what a bucket holds is what was to be sent: "it is there" alone proves nothing."""

from hashlib import sha256
from typing import Any

from uploader.errors import NotCompared, NotTaken, StoreDenied, StoreRejected, StoreUnavailable
from uploader.store import Upload
from uploader.stores.s3 import Bucket, status_of
from uploader.stores.s3_checksums import fits

GET = "s3:GetObject"


class Comparison:
    """Compares by size and checksum, or by reading back where the server keeps no checksum."""

    def __init__(self, bucket: Bucket, part_bytes: int) -> None:
        self._bucket, self._part_bytes = bucket, part_bytes

    def require_same(self, upload: Upload) -> None:
        """Returns when the bucket holds this very content; raises StoreRejected if it is another.

        Raises StoreUnavailable when it holds nothing, so that it is sent again; and as `Store.put`,
        but never as if it were sure that nothing is there.
        """
        try:
            self._require_same(upload)
        except NotTaken as error:
            raise StoreUnavailable(str(error)) from error
        except StoreDenied as error:
            raise NotCompared(str(error)) from error.__cause__

    def _require_same(self, upload: Upload) -> None:
        found = self._head(upload.key, f"{upload.key}, which is there, cannot be compared")
        if found is None:
            raise StoreUnavailable(f"{self._bucket.where} holds {upload.key} no more")
        if not self._same(upload, found):
            raise StoreRejected(
                f"{self._bucket.uri(upload.key)} holds another object of {found['ContentLength']} "
                "bytes, which was not overwritten: see who wrote it"
            )

    def holds(self, upload: Upload) -> bool:
        """Whether it is there already, and then the same; for servers that know no condition.

        Credentials that may not list hear 403 where nothing is: then it is taken to be absent.
        """
        try:
            found = self._head(upload.key, "it is not known whether it is there already")
        except StoreDenied as error:
            if status_of(error) == 403:
                return False
            raise
        if found is not None:
            self.require_same(upload)
        return found is not None

    def may_read(self, key: str) -> bool:
        """Whether reading is surely allowed: 403 may mean as well that there is no such key."""
        try:
            self._head(key, f"{key} cannot be read")
        except StoreDenied as error:
            if status_of(error) == 403:
                return False
            raise
        return True

    def _head(self, key: str, failed: str) -> dict[str, Any] | None:
        """What the server says of an object; None when it has none."""
        try:
            return self._bucket.ask(
                "head_object", failed, GET, Key=self._bucket.full(key), ChecksumMode="ENABLED"
            )
        except StoreDenied as error:
            if status_of(error) == 404:
                return None
            raise

    def _same(self, upload: Upload, found: dict[str, Any]) -> bool:
        if found["ContentLength"] != len(upload.body):
            return False
        checksum = found.get("ChecksumSHA256")
        if checksum and fits(checksum, upload.body, upload.sha256, self._part_bytes):
            return True
        return self._reads_the_same(upload)

    def _reads_the_same(self, upload: Upload) -> bool:
        bucket, digest = self._bucket, sha256()
        with bucket.asked(f"{upload.key} cannot be read back", GET):
            answer = bucket.client.get_object(Bucket=bucket.name, Key=bucket.full(upload.key))
            for piece in answer["Body"].iter_chunks(1 << 16):
                digest.update(piece)
        return digest.hexdigest() == upload.sha256
