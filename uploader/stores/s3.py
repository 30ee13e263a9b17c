"""Amazon S3, or any server that speaks its API: how it is asked, and what its answers mean.

Credentials come from the usual AWS chain (environment, shared files, IoT or instance role).
The only file that speaks S3; what is said to it: uploader/stores/s3_store.py, s3_reader.py.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore import exceptions as aws
from botocore.config import Config

from uploader.errors import (
    NotTaken,
    StoreDenied,
    StoreError,
    StoreRejected,
    StoreSilent,
    StoreUnavailable,
    UploadCut,
)
from uploader.settings import StoreSettings
from uploader.stores.paced_body import PacedBody
from uploader.stores.s3_answers import SKEWED, meaning, missing_permission
from uploader.stores.server_clock import ahead_s, complaint

log = logging.getLogger("uploader")

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
NO_CONNECTION = aws.ConnectTimeoutError, aws.EndpointConnectionError
OUT_OF_DATE = ("certificate is not yet valid", "certificate has expired")


class Bucket:
    """The bucket and prefix that the URL names, and what its server's answers mean.

    attempts: how often botocore tries. permission: what the credentials must allow.
    clock_off: a clause that says how wrong the clock here is, by the last answer; else empty.
    """

    def __init__(self, settings: StoreSettings, attempts: int, permission: str) -> None:
        self._settings, self._attempts, self._permission = settings, attempts, permission
        self._patience_s = settings.timeout_s
        self.clock_off = ""
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

    @property
    def patience_s(self) -> float:
        """How long the server may be silent."""
        return self._patience_s

    @patience_s.setter
    def patience_s(self, seconds: float) -> None:
        if seconds != self._patience_s:
            self._patience_s = seconds
            self.close()

    def ask(self, operation: str, failed: str, need: str = "", **words: Any) -> dict[str, Any]:
        """One request about the bucket, and its answer.

        operation: as boto3 names it. failed: what is not done if it fails. need: the permission.
        Raises StoreUnavailable, StoreDenied or StoreRejected.
        """
        with self.asked(failed, need):
            answer: dict[str, Any] = getattr(self.client, operation)(Bucket=self.name, **words)
        self._tell_the_clock(answer)
        return answer

    def close(self) -> None:
        client = self.__dict__.pop("client", None)
        if client is not None:
            client.close()

    @cached_property
    def client(self) -> Any:
        """Made at the first call: looking for credentials may ask the network."""
        settings = self._settings
        client = self._session.client(
            "s3",
            endpoint_url=settings.endpoint,
            region_name=settings.region,
            config=Config(
                connect_timeout=self._patience_s,
                read_timeout=self._patience_s,
                retries={"total_max_attempts": self._attempts, "mode": "standard"},
                tcp_keepalive=True,
                s3={
                    "addressing_style": "path" if settings.endpoint else "auto",
                    # Servers that know no checksums verify the body by its signature.
                    "payload_signing_enabled": True,
                },
            ),
        )
        client.meta.events.register("before-send.s3", _begin_sending)
        return client

    @cached_property
    def _session(self) -> Any:
        """Kept: each one reads anew what botocore knows of S3, ten megabytes of small objects."""
        return boto3.session.Session()

    @contextmanager
    def asked(self, failed: str, need: str = "") -> Iterator[None]:
        """Every way in which botocore fails, as one of ours."""
        try:
            yield
        except aws.ClientError as error:
            raise self._answered(error, failed, need or self._permission) from error
        except SETUP_ERRORS as error:
            raise StoreDenied(
                f"{self.where} was not asked: {error}; "
                "provide AWS credentials in the environment, in ~/.aws/credentials or by a role"
            ) from error
        except aws.ParamValidationError as error:
            raise StoreRejected(f"{failed}: {error}") from error
        except (aws.BotoCoreError, aws.HTTPClientError) as error:
            raise self._not_answered(error) from error

    def _not_answered(self, error: Exception) -> StoreUnavailable:
        if _within(error, UploadCut):
            return UploadCut()
        said = f"{self.where} cannot be reached: {error}"
        if any(text in said for text in OUT_OF_DATE):
            now = datetime.now(timezone.utc)
            return NotTaken(f"{said}; is it really {now:%Y-%m-%d %H:%M} UTC? Set the clock")
        if isinstance(error, NO_CONNECTION):
            return NotTaken(said)
        if not _within(error, TimeoutError):
            return StoreUnavailable(said)
        return StoreSilent(f"{said} (timeout after {self._patience_s:g} s)")

    def _answered(self, error: aws.ClientError, failed: str, permission: str) -> StoreError:
        """What an answer of the server means."""
        status, code = _status(error), code_of(error)
        said = f"{self.where} answered {status} {code}".rstrip()
        action = missing_permission(_detail(error, "Message")) or permission
        need = f"these credentials need {action} on {self.uri('*')}"
        found = meaning(status, code, said, need, failed)
        if not isinstance(found, StoreDenied):
            return found
        off = _clock_is_off(error.response)
        if off and code == SKEWED:
            return StoreDenied(f"{said}: {off}")
        return type(found)("; ".join(filter(None, (str(found), off, self._elsewhere(error)))))

    def _elsewhere(self, error: aws.ClientError) -> str:
        """Where the bucket is, when the server says so and the configuration says otherwise."""
        region = _headers(error.response).get("x-amz-bucket-region") or _detail(error, "Region")
        return f"it is in {region}" if region and region != self._settings.region else ""

    def _tell_the_clock(self, answer: dict[str, Any]) -> None:
        """Logs once that the clock is wrong, although the server did not mind."""
        off = _clock_is_off(answer)
        if off and not self.clock_off:
            log.warning("%s", off)
        self.clock_off = off


def code_of(error: BaseException) -> str:
    """The code of the answer that an error, ours or botocore's, was made of; else empty."""
    cause = error if isinstance(error, aws.ClientError) else error.__cause__
    return _detail(cause, "Code") if isinstance(cause, aws.ClientError) else ""


def status_of(error: StoreError) -> int:
    """The HTTP status of the answer that an error was made of; 0 where there was none."""
    cause = error.__cause__
    return _status(cause) if isinstance(cause, aws.ClientError) else 0


def _status(error: aws.ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _detail(error: aws.ClientError, name: str) -> str:
    return str(error.response.get("Error", {}).get(name, ""))


def _headers(answer: dict[str, Any]) -> dict[str, str]:
    return dict(answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}))


def _clock_is_off(answer: dict[str, Any]) -> str:
    return complaint(ahead_s(_headers(answer).get("date", ""), datetime.now(timezone.utc)))


def _begin_sending(request: Any, **rest: object) -> None:
    """Called by botocore when all is hashed and signed."""
    if isinstance(request.body, PacedBody):
        request.body.sending = True


def _within(error: BaseException, kind: type[BaseException]) -> BaseException | None:
    """The error, or one that it was made of, of that kind."""
    seen: BaseException | None = error
    while seen is not None and not isinstance(seen, kind):
        seen = seen.__cause__ or seen.__context__
    return seen
