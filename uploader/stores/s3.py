"""Amazon S3, or any server that speaks its API: the only file that speaks S3.

Credentials come from the usual AWS chain (environment, shared files, IoT or instance role). All
that a device needs is permission to s3:PutObject. The SHA-256 of every body is sent; the server
refuses a body that does not fit it, and where the answer names a checksum, it must be the same.
"""

import base64
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore import exceptions as aws
from botocore.config import Config

from uploader.errors import (
    ObjectMissing,
    StoreDenied,
    StoreError,
    StoreRejected,
    StoreUnavailable,
)
from uploader.reading import Stored
from uploader.settings import StoreSettings
from uploader.store import Upload
from uploader.stores.s3_answers import meaning

READ_ATTEMPTS = 5

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
        # One attempt: the uploader's loop tries again, and counts.
        self._bucket = _Bucket(settings, attempts=1, permission="s3:PutObject")

    def uri(self, key: str) -> str:
        """s3://bucket/prefix/key."""
        return self._bucket.uri(key)

    def put(self, upload: Upload) -> None:
        """One PutObject with the checksum; see `Store.put`."""
        bucket = self._bucket
        checksum = base64.b64encode(bytes.fromhex(upload.sha256)).decode()
        with bucket.asked(f"{upload.key} was not taken"):
            answer = bucket.client.put_object(
                Bucket=bucket.name,
                Key=bucket.full(upload.key),
                Body=upload.body,
                ContentType=upload.content_type,
                Metadata=dict(upload.metadata),
                ChecksumAlgorithm="SHA256",
                ChecksumSHA256=checksum,
            )
        if answer.get("ChecksumSHA256", checksum) != checksum:
            raise StoreUnavailable(f"{bucket.where} confirmed another checksum for {upload.key}")

    def check(self) -> str:
        """Asks for the bucket, which needs a permission that uploading does not."""
        bucket = self._bucket
        try:
            with bucket.asked("it cannot be used"):
                bucket.client.head_bucket(Bucket=bucket.name)
        except StoreDenied as error:
            cause = error.__cause__
            if isinstance(cause, aws.ClientError) and _status(cause) == 403:
                return (
                    f"{bucket.where} answers, but may not be listed with these credentials: "
                    "whether it can be written shows only at the first upload."
                )
            raise
        return f"{bucket.where} can be reached with these credentials."

    def close(self) -> None:
        """Drops the connections; a later call would open new ones."""
        self._bucket.close()


class S3Reader:
    """Lists and reads what lies below the prefix; needs s3:ListBucket and s3:GetObject."""

    def __init__(self, settings: StoreSettings) -> None:
        self._bucket = _Bucket(settings, READ_ATTEMPTS, "s3:ListBucket and s3:GetObject")

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
            cause = error.__cause__
            code = _code(cause) if isinstance(cause, aws.ClientError) else ""
            if code == "NoSuchKey":
                raise ObjectMissing(f"{bucket.where} does not hold {key}") from error
            if code == "InvalidObjectState":
                raise StoreRejected(f"{key} lies in an archive: restore it to read it") from error
            raise
        return body


class _Bucket:
    """The bucket and prefix that the URL names, and what its server's answers mean.

    attempts: how often botocore tries. permission: what the credentials must allow.
    """

    def __init__(self, settings: StoreSettings, attempts: int, permission: str) -> None:
        self._settings, self._attempts, self._permission = settings, attempts, permission
        address = urlsplit(settings.url)
        self.name, self._prefix = address.netloc, address.path.strip("/")

    def uri(self, key: str) -> str:
        return f"s3://{self.name}/{self.full(key)}"

    def full(self, key: str) -> str:
        return f"{self._prefix}/{key}" if self._prefix else key

    def short(self, key: str) -> str:
        """A key of the bucket without the prefix."""
        return key[len(self._prefix) + 1 :] if self._prefix else key

    @property
    def where(self) -> str:
        at = f" at {self._settings.endpoint}" if self._settings.endpoint else ""
        return f"The bucket {self.name}{at}"

    def close(self) -> None:
        client = self.__dict__.pop("client", None)
        if client is not None:
            client.close()

    @cached_property
    def client(self) -> Any:
        """Made at the first call: looking for credentials may ask the network."""
        settings = self._settings
        return boto3.session.Session().client(
            "s3",
            endpoint_url=settings.endpoint,
            region_name=settings.region,
            config=Config(
                connect_timeout=settings.timeout_s,
                read_timeout=settings.timeout_s,
                retries={"total_max_attempts": self._attempts, "mode": "standard"},
                tcp_keepalive=True,
                s3={"addressing_style": "path" if settings.endpoint else "auto"},
            ),
        )

    @contextmanager
    def asked(self, failed: str) -> Iterator[None]:
        """Every way in which botocore fails, as one of our three."""
        try:
            yield
        except aws.ClientError as error:
            raise self._answered(error, failed) from error
        except SETUP_ERRORS as error:
            raise StoreDenied(
                f"{self.where} was not asked: {error}; "
                "provide AWS credentials in the environment, in ~/.aws/credentials or by a role"
            ) from error
        except aws.ParamValidationError as error:
            raise StoreRejected(f"{failed}: {error}") from error
        except (aws.BotoCoreError, aws.HTTPClientError) as error:
            raise StoreUnavailable(f"{self.where} cannot be reached: {error}") from error

    def _answered(self, error: aws.ClientError, failed: str) -> StoreError:
        """What an answer of the server means."""
        status, code = _status(error), _code(error)
        said = f"{self.where} answered {status} {code}".rstrip()
        need = f"these credentials need {self._permission} on {self.uri('*')}"
        return meaning(status, code, said, need, failed)


def _status(error: aws.ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _code(error: aws.ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
