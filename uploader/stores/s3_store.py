"""How a device writes to S3. All that it needs is permission to s3:PutObject.

The SHA-256 of every body is sent: a server refuses a body that does not fit it, and where its
answer names a checksum, it must be the same. With `verify`, nothing is overwritten
(`If-None-Match: *`), and "it is there already", which is also what a retry hears after a lost
answer, counts as success only when the object was compared (uploader/stores/s3_compare.py).
"""

import logging
import threading
import time
from collections.abc import Mapping
from hashlib import sha256

from uploader.errors import (
    NotSpoken,
    ObjectExists,
    StoreDenied,
    StoreError,
    StoreSilent,
    StoreUnavailable,
    UploadCut,
)
from uploader.settings import StoreSettings
from uploader.store import PROBE, PROBE_BODY, Upload
from uploader.stores.paced_body import PacedBody, Throttle
from uploader.stores.s3 import Bucket, status_of
from uploader.stores.s3_checksums import fits, of_whole
from uploader.stores.s3_compare import GET, Comparison
from uploader.stores.s3_options import permissions, put_options
from uploader.stores.s3_parts import Parts

log = logging.getLogger("uploader")

NEW_ONLY: Mapping[str, str] = {"IfNoneMatch": "*"}
SLOWEST_BYTES_PER_S = 1000
MAX_PATIENCE_S = 600.0


class S3Store:
    """Objects in a bucket, below the prefix that the URL names."""

    def __init__(self, settings: StoreSettings) -> None:
        # One attempt: the uploader's loop tries again, and counts.
        self._bucket = Bucket(settings, attempts=1, permission=permissions(settings))
        self._settings, self._options = settings, put_options(settings.s3)
        self._closing = threading.Event()
        limit, part_bytes = settings.max_kilobytes_per_s, settings.s3.part_bytes
        self._throttle = Throttle(None if limit is None else limit * 1000, self._closing)
        self._parts = Parts(self._bucket, part_bytes, self._options, self._paced, self._closing)
        self._comparison = Comparison(self._bucket, part_bytes)
        self._condition = NEW_ONLY if settings.verify else {}
        self._condition_proved = settings.endpoint is None  # Amazon's knows it
        self._told: list[str] = []

    def uri(self, key: str) -> str:
        """s3://bucket/prefix/key."""
        return self._bucket.uri(key)

    def put(self, upload: Upload) -> None:
        """One PutObject, or a multipart upload, with checksums; see `Store.put`."""
        if self._closing.is_set():
            raise UploadCut
        began_s = time.monotonic()
        try:
            self._put(upload)
        except StoreSilent:
            self._wait_longer(len(upload.body))
            raise
        if time.monotonic() - began_s < self._settings.timeout_s / 2:
            self._bucket.patience_s = self._settings.timeout_s

    def check(self, write: bool = False) -> str:
        """Begins an upload as configured and aborts it, which needs what a put does.

        write: puts an object, which stays, and tells what only that can show.
        """
        try:
            found = self._check_by_writing() if write else self._check_by_beginning()
        except NotSpoken:
            found = self._check_by_asking()
        off = self._bucket.clock_off
        return found + f" {off[0].upper()}{off[1:]}." if off else found

    def close(self) -> None:
        """Cuts what is being sent, and drops the connections; nothing is put afterwards."""
        self._closing.set()
        self._bucket.close()

    def _put(self, upload: Upload) -> None:
        blind = self._settings.verify and not self._condition
        if blind and self._comparison.holds(upload):
            return
        try:
            confirmed = self._send(upload)
        except ObjectExists:
            self._comparison.require_same(upload)
        except NotSpoken:
            if not self._condition:
                raise
            self._forget_condition()
            self._put(upload)
        else:
            self._confirm(upload, confirmed)
            self._prove_condition(upload)

    def _send(self, upload: Upload) -> str | None:
        """The checksum that the server confirmed, if any."""
        if self._is_large(upload):
            return self._parts.put(upload, self._condition)
        answer = self._bucket.ask(
            "put_object",
            f"{upload.key} was not taken",
            Key=self._bucket.full(upload.key),
            Body=self._paced(upload.body),
            ContentType=upload.content_type,
            Metadata=dict(upload.metadata),
            ChecksumAlgorithm="SHA256",
            ChecksumSHA256=of_whole(upload.sha256),
            **self._options,
            **self._condition,
        )
        return answer.get("ChecksumSHA256")

    def _is_large(self, upload: Upload) -> bool:
        return len(upload.body) > self._settings.s3.multipart_bytes

    def _paced(self, body: bytes) -> PacedBody:
        return PacedBody(body, self._throttle)

    def _confirm(self, upload: Upload, confirmed: str | None) -> None:
        if confirmed is None:
            self._not_confirmed(upload)
        elif not fits(confirmed, upload.body, upload.sha256, self._settings.s3.part_bytes):
            where = self._bucket.where
            raise StoreUnavailable(f"{where} confirmed another checksum for {upload.key}")

    def _not_confirmed(self, upload: Upload) -> None:
        """A server that does not speak checksums, or did not do so this time."""
        where = self._bucket.where
        if self._settings.verify:
            self._tell(f"{where} confirms no SHA-256: what was sent is read back")
            self._comparison.require_same(upload)
        else:
            self._tell(
                f"{where} confirms no SHA-256; [store] verify = true reads back what was sent"
            )

    def _prove_condition(self, upload: Upload) -> None:
        """Sends again, once in a run, what has just been taken: who heeds the condition refuses.

        Who ignores it holds the same as before.
        """
        if not self._condition or self._condition_proved or self._is_large(upload):
            return
        try:
            self._send(upload)
        except ObjectExists:
            self._condition_proved = True
        except StoreError:
            return  # what was to be sent is there; the next one proves it
        else:
            self._forget_condition()

    def _forget_condition(self) -> None:
        self._condition = {}
        self._tell(
            f"{self._bucket.where} does not know If-None-Match: before each upload it is asked "
            "whether the object is there"
        )

    def _tell(self, sentence: str) -> None:
        if sentence not in self._told:
            self._told.append(sentence)
            log.warning("%s", sentence)

    def _wait_longer(self, size: int) -> None:
        """Gives a slow line twice the time at each attempt, while it could be that slow."""
        settings = self._settings
        at_once = min(size, settings.s3.part_bytes)
        most_s = min(MAX_PATIENCE_S, settings.timeout_s + at_once / SLOWEST_BYTES_PER_S)
        longer_s = min(2 * self._bucket.patience_s, most_s)
        self._bucket.patience_s = max(settings.timeout_s, longer_s)

    def _check_by_beginning(self) -> str:
        lacks = self._parts.probe(PROBE)
        found = f"{self._bucket.where} can be written with these credentials."
        if self._settings.verify and not self._comparison.may_read(PROBE):
            found += f" Whether they allow {GET} shows with --write, or at the first upload."
        return " ".join(filter(None, (found, lacks)))

    def _check_by_writing(self) -> str:
        self.put(Upload(PROBE, PROBE_BODY, sha256(PROBE_BODY).hexdigest(), "text/plain"))
        where = self._bucket.where
        return ". ".join((f"{where} took {PROBE}, which stays there", *self._told)) + "."

    def _check_by_asking(self) -> str:
        """For servers without multipart uploads; needs a permission that uploading does not."""
        where = self._bucket.where
        try:
            self._bucket.ask("head_bucket", "it cannot be used", "s3:ListBucket")
        except StoreDenied as error:
            if status_of(error) == 403:
                return (
                    f"{where} answers, but may not be listed with these credentials: "
                    "whether it can be written shows only at the first upload."
                )
            raise
        return f"{where} can be reached with these credentials."
