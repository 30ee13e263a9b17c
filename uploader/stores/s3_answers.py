"""What the error codes of S3 mean for a person, and for the loop that tries again."""

import re
from collections.abc import Mapping

from uploader.errors import (
    NotSpoken,
    NotTaken,
    ObjectExists,
    StoreDenied,
    StoreError,
    StoreRejected,
    StoreUnavailable,
)

SKEWED = "RequestTimeTooSkewed"
REGION = "the bucket is in another region: correct [store] region"

WHAT_TO_DO: Mapping[str, str] = {
    "NoSuchBucket": "there is no such bucket: create it or correct [store] url",
    SKEWED: "the clock of this device is wrong: set it (NTP)",
    "ExpiredToken": "the credentials have expired: renew them",
    "ExpiredTokenException": "the credentials have expired: renew them",
    "TokenRefreshRequired": "the credentials have expired: renew them",
    "InvalidToken": "the session token is not valid: renew the credentials",
    "InvalidAccessKeyId": "the access key is not known there: correct the credentials",
    "SignatureDoesNotMatch": "the secret key is wrong: correct the credentials",
    "PermanentRedirect": REGION,
    "AuthorizationHeaderMalformed": REGION,
    "IllegalLocationConstraintException": REGION,
    "MethodNotAllowed": "the endpoint does not speak S3: correct [store] endpoint",
    "InvalidStorageClass": "the storage class is not known there: correct [store.s3] storage_class",
    "InvalidTag": "the tags are not taken: correct [store.s3] tags",
}
"""Error code → what a person has to do; all of them keep the object."""

PASSING = frozenset(
    {"SlowDown", "RequestTimeout", "RequestTimeoutException", "InternalError", "OperationAborted"}
    | {"BadDigest", "InvalidDigest", "XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch"}
    | {"IncompleteBody", "ThrottlingException", "Throttling"}
    | {"NoSuchUpload", "InvalidPart", "InvalidPartOrder"}
)
"""Error codes that a later attempt may not meet.

A wrong digest is one of them: every body is verified on the disk before it is sent, so it was
changed on the way. An upload in parts that is gone is begun anew.
"""
BROKEN = "InternalError"
"""The server does not know itself what it did."""

_ACTION = re.compile(r"not authorized to perform: ([a-z0-9-]+:[A-Za-z]+)")


def meaning(status: int, code: str, said: str, need: str, failed: str) -> StoreError:
    """The error of ours that an answer is.

    said: who answered what. need: what these credentials must allow. failed: what was not done.
    """
    if status == 412:
        return ObjectExists(f"{said}: {failed}")
    if status == 501 or code == "NotImplemented":
        return NotSpoken(f"{said}: {failed}, the server does not know what was asked of it")
    if code in WHAT_TO_DO:
        return StoreDenied(f"{said}: {WHAT_TO_DO[code]}")
    if (code in PASSING and code != BROKEN) or status in (408, 409, 429):
        return NotTaken(f"{said}: a later attempt may succeed")
    if code == BROKEN or status >= 500:
        return StoreUnavailable(f"{said}: a later attempt may succeed")
    if status in (401, 403) or code.startswith("KMS."):
        return StoreDenied(f"{said}: {need}")
    if status in (404, 405) or status < 400:
        return StoreDenied(f"{said}: correct [store] url, endpoint or region")
    return StoreRejected(f"{said}: {failed}")


def missing_permission(message: str) -> str:
    """The action that is denied, where the message of an answer names it; else empty."""
    found = _ACTION.search(message)
    return found[1] if found else ""
