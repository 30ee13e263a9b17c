"""Large objects in parts, each with its checksum; what is not finished does not stay in the bucket.

An upload that is neither completed nor aborted is invisible, and is paid for. It is aborted when a
part fails; when that fails as well, before the next one; and after a crash when the same object is
sent again, where these credentials may list unfinished uploads. A lifecycle rule of the bucket
(AbortIncompleteMultipartUpload) ends those of devices that never come back.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from uploader.errors import StoreDenied, StoreError, StoreUnavailable, UploadCut
from uploader.store import Upload
from uploader.stores.paced_body import PacedBody
from uploader.stores.s3 import Bucket, code_of
from uploader.stores.s3_checksums import encoded, of_parts, pieces

log = logging.getLogger("uploader")

ABORT = "s3:AbortMultipartUpload"
MAX_LEFT = 16
"""Uploads whose abort failed, remembered; those of before are left to the bucket's own rule."""


class Parts:
    """Sends objects in parts. For one thread.

    paced: makes the body of a request. closing: ends an upload between two parts.
    """

    def __init__(
        self,
        bucket: Bucket,
        part_bytes: int,
        options: Mapping[str, Any],
        paced: Callable[[bytes], PacedBody],
        closing: threading.Event,
    ) -> None:
        self._bucket, self._part_bytes, self._options = bucket, part_bytes, options
        self._paced, self._closing = paced, closing
        self._left: dict[str, str] = {}
        self._may_list = True

    def put(self, upload: Upload, condition: Mapping[str, str]) -> str | None:
        """Sends it whole or not at all; the checksum that the server confirmed, if any.

        condition: of completing it. Raises StoreUnavailable, StoreDenied or StoreRejected.
        """
        key = self._bucket.full(upload.key)
        self._abort_left(key)
        id = self._begin(upload, key)
        self._left[id] = key
        try:
            done = self._send_parts(upload, key, id)
            confirmed = self._complete(upload, key, id, done, condition)
            del self._left[id]
        finally:
            self._try_to_abort(id)
        return confirmed

    def probe(self, key: str) -> str:
        """Begins an upload of that key and aborts it; what is to be said about that, if anything.

        It needs what a put needs, and leaves no object. Raises as `put`.
        """
        full = self._bucket.full(key)
        id = self._create(full, f"{key} cannot be written", {})
        self._left[id] = full
        try:
            self._abort(id)
        except StoreDenied:
            return f"They lack {ABORT}: parts of large files that fail stay in the bucket."
        return ""

    def _begin(self, upload: Upload, key: str) -> str:
        words = {"ContentType": upload.content_type, "Metadata": dict(upload.metadata)}
        return self._create(key, f"{upload.key} was not begun", words)

    def _create(self, key: str, failed: str, words: Mapping[str, Any]) -> str:
        answer = self._bucket.ask(
            "create_multipart_upload",
            failed,
            Key=key,
            ChecksumAlgorithm="SHA256",
            **words,
            **self._options,
        )
        return str(answer["UploadId"])

    def _send_parts(self, upload: Upload, key: str, id: str) -> list[dict[str, Any]]:
        done = []
        for number, piece in enumerate(pieces(upload.body, self._part_bytes), start=1):
            if self._closing.is_set():
                raise UploadCut
            done.append(self._send_part(upload, key, id, number, piece))
        return done

    def _send_part(
        self, upload: Upload, key: str, id: str, number: int, piece: bytes
    ) -> dict[str, Any]:
        checksum = encoded(sha256(piece).digest())
        answer = self._bucket.ask(
            "upload_part",
            f"part {number} of {upload.key} was not taken",
            Key=key,
            UploadId=id,
            PartNumber=number,
            Body=self._paced(piece),
            ChecksumSHA256=checksum,
        )
        if answer.get("ChecksumSHA256", checksum) != checksum:
            raise StoreUnavailable(
                f"{self._bucket.where} confirmed another checksum for part {number} of {upload.key}"
            )
        confirmed = {"ChecksumSHA256": checksum} if "ChecksumSHA256" in answer else {}
        return {"PartNumber": number, "ETag": answer["ETag"], **confirmed}

    def _complete(
        self,
        upload: Upload,
        key: str,
        id: str,
        done: list[dict[str, Any]],
        condition: Mapping[str, str],
    ) -> str | None:
        answer = self._bucket.ask(
            "complete_multipart_upload",
            f"{upload.key} was not completed",
            Key=key,
            UploadId=id,
            MultipartUpload={"Parts": done},
            **condition,
        )
        if "ChecksumSHA256" not in answer and all("ChecksumSHA256" in part for part in done):
            return of_parts(upload.body, self._part_bytes)  # it has confirmed each of them
        return answer.get("ChecksumSHA256")

    def _abort_left(self, key: str) -> None:
        """Aborts what earlier attempts, and earlier runs that had this key, did not finish."""
        for id in [*self._left, *self._unfinished(key)]:
            self._try_to_abort(id)
        while len(self._left) > MAX_LEFT:
            del self._left[next(iter(self._left))]

    def _unfinished(self, key: str) -> list[str]:
        if not self._may_list:
            return []
        try:
            answer = self._bucket.ask(
                "list_multipart_uploads", "unfinished uploads cannot be listed", Prefix=key
            )
        except StoreDenied:
            self._may_list = False
            return []
        except StoreError:
            return []
        found = [item["UploadId"] for item in answer.get("Uploads", ()) if item["Key"] == key]
        self._left.update(dict.fromkeys(found, key))
        return found

    def _try_to_abort(self, id: str) -> None:
        """One that cannot be aborted now stays in `_left`, for the next time."""
        try:
            self._abort(id)
        except StoreError as error:
            log.warning("parts that were not finished are still in the bucket: %s", error)

    def _abort(self, id: str) -> None:
        """Does nothing for one that is completed or aborted already."""
        if id not in self._left:
            return
        failed = "an unfinished upload was not aborted"
        try:
            self._bucket.ask(
                "abort_multipart_upload", failed, ABORT, Key=self._left[id], UploadId=id
            )
        except StoreUnavailable as error:
            if code_of(error) != "NoSuchUpload":
                raise
        del self._left[id]
