"""What the error codes of S3 mean for a person, and for the loop that tries again."""

from collections.abc import Mapping

from uploader.errors import StoreDenied, StoreError, StoreRejected, StoreUnavailable

WHAT_TO_DO: Mapping[str, str] = {
    "NoSuchBucket": "there is no such bucket: create it or correct [store] url",
    "RequestTimeTooSkewed": "the clock of this device is wrong: set it (NTP)",
    "ExpiredToken": "the credentials have expired: renew them",
    "InvalidToken": "the session token is not valid: renew the credentials",
    "InvalidAccessKeyId": "the access key is not known there: correct the credentials",
    "SignatureDoesNotMatch": "the secret key is wrong: correct the credentials",
    "PermanentRedirect": "the bucket is in another region: correct [store] region",
    "AuthorizationHeaderMalformed": "the bucket is in another region: correct [store] region",
    "IllegalLocationConstraintException": "the bucket is in another region: correct [store] region",
    "MethodNotAllowed": "the endpoint does not speak S3: correct [store] endpoint",
}
"""Error code → what a person has to do; all of them keep the object."""

PASSING = frozenset(
    {"SlowDown", "RequestTimeout", "RequestTimeoutException", "InternalError", "OperationAborted"}
    | {"BadDigest", "InvalidDigest", "XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch"}
    | {"IncompleteBody", "ThrottlingException", "Throttling"}
)
"""Error codes that a later attempt may not meet.

A wrong digest is one of them: every body is verified on the disk before it is sent, so it was
changed on the way.
"""


def meaning(status: int, code: str, said: str, need: str, failed: str) -> StoreError:
    """The error of ours that an answer is.

    said: who answered what. need: what these credentials must allow. failed: what was not done.
    """
    if code in WHAT_TO_DO:
        return StoreDenied(f"{said}: {WHAT_TO_DO[code]}")
    if code in PASSING or status >= 500 or status in (408, 409, 429):
        return StoreUnavailable(f"{said}: a later attempt may succeed")
    if status in (401, 403) or code.startswith("KMS."):
        return StoreDenied(f"{said}: {need}")
    if status in (404, 405) or status < 400:
        return StoreDenied(f"{said}: correct [store] url, endpoint or region")
    return StoreRejected(f"{said}: {failed}")
