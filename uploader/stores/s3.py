"""Amazon S3, or any server that speaks its API: the only file that speaks S3.

Credentials come from the usual AWS chain (environment, shared files, IoT or instance role). All
that is needed is permission to s3:PutObject. The SHA-256 of every body is sent; the server refuses
a body that does not fit it, and where the answer names a checksum, it must be the same.
"""

import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore import exceptions as aws
from botocore.config import Config

from uploader.errors import StoreDenied, StoreError, StoreRejected, StoreUnavailable
from uploader.settings import StoreSettings
from uploader.store import Upload

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

SETUP_ERRORS = (
    aws.NoCredentialsError,
    aws.PartialCredentialsError,
    aws.CredentialRetrievalError,
    aws.TokenRetrievalError,
    aws.ProfileNotFound,
    aws.SSOError,
    aws.ConfigNotFound,
    aws.ConfigParseError,
)


class S3Store:
    """Objects in a bucket, below the prefix that the URL names."""

    def __init__(self, settings: StoreSettings) -> None:
        self._settings = settings
        address = urlsplit(settings.url)
        self._bucket, self._prefix = address.netloc, address.path.strip("/")

    def uri(self, key: str) -> str:
        """s3://bucket/prefix/key."""
        return f"s3://{self._bucket}/{self._full(key)}"

    def put(self, upload: Upload) -> None:
        """One PutObject with the checksum; see `Store.put`."""
        checksum = base64.b64encode(bytes.fromhex(upload.sha256)).decode()
        with self._translated(f"{upload.key} was not taken"):
            answer = self._client.put_object(
                Bucket=self._bucket,
                Key=self._full(upload.key),
                Body=upload.body,
                ContentType=upload.content_type,
                Metadata=dict(upload.metadata),
                ChecksumAlgorithm="SHA256",
                ChecksumSHA256=checksum,
            )
        if answer.get("ChecksumSHA256", checksum) != checksum:
            raise StoreUnavailable(f"{self._where} confirmed another checksum for {upload.key}")

    def check(self) -> str:
        """Asks for the bucket, which needs a permission that uploading does not."""
        try:
            with self._translated("it cannot be used"):
                self._client.head_bucket(Bucket=self._bucket)
        except StoreDenied as error:
            cause = error.__cause__
            if isinstance(cause, aws.ClientError) and _status(cause) == 403:
                return (
                    f"{self._where} answers, but may not be listed with these credentials: "
                    "whether it can be written shows only at the first upload."
                )
            raise
        return f"{self._where} can be reached with these credentials."

    def close(self) -> None:
        """Drops the connections; a later call would open new ones."""
        client = self.__dict__.pop("_client", None)
        if client is not None:
            client.close()

    @cached_property
    def _client(self) -> Any:
        """Made at the first call: looking for credentials may ask the network."""
        settings = self._settings
        return boto3.session.Session().client(
            "s3",
            endpoint_url=settings.endpoint,
            region_name=settings.region,
            config=Config(
                connect_timeout=settings.timeout_s,
                read_timeout=settings.timeout_s,
                retries={"total_max_attempts": 1},  # the uploader's loop tries again, and counts
                tcp_keepalive=True,
                s3={"addressing_style": "path" if settings.endpoint else "auto"},
            ),
        )

    @property
    def _where(self) -> str:
        at = f" at {self._settings.endpoint}" if self._settings.endpoint else ""
        return f"The bucket {self._bucket}{at}"

    def _full(self, key: str) -> str:
        return f"{self._prefix}/{key}" if self._prefix else key

    @contextmanager
    def _translated(self, failed: str) -> Iterator[None]:
        """Every way in which botocore fails, as one of our three."""
        try:
            yield
        except aws.ClientError as error:
            raise self._answered(error, failed) from error
        except SETUP_ERRORS as error:
            raise StoreDenied(
                f"{self._where} was not asked: {error}; "
                "provide AWS credentials in the environment, in ~/.aws/credentials or by a role"
            ) from error
        except aws.ParamValidationError as error:
            raise StoreRejected(f"{failed}: {error}") from error
        except (aws.BotoCoreError, aws.HTTPClientError) as error:
            raise StoreUnavailable(f"{self._where} cannot be reached: {error}") from error

    def _answered(self, error: aws.ClientError, failed: str) -> StoreError:
        """What an answer of the server means."""
        status, code = _status(error), str(error.response.get("Error", {}).get("Code", ""))
        said = f"{self._where} answered {status} {code}".rstrip()
        if code in WHAT_TO_DO:
            return StoreDenied(f"{said}: {WHAT_TO_DO[code]}")
        if code in PASSING or status >= 500 or status in (408, 409, 429):
            return StoreUnavailable(f"{said}: trying again")
        if status in (401, 403) or code.startswith("KMS."):
            return StoreDenied(f"{said}: these credentials need s3:PutObject on {self.uri('*')}")
        if status in (404, 405) or status < 400:
            return StoreDenied(f"{said}: correct [store] url, endpoint or region")
        return StoreRejected(f"{said}: {failed}")


def _status(error: aws.ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
