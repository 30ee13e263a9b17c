"""A user of an S3 server that enforces policies, and what Amazon would ask of each request.

moto enforces the actions and resources of a policy on objects. It asks nothing for tags that come
with a put, nor of KMS: for those, `needed` says what Amazon's documentation asks.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import boto3
import pytest

from tests.wire.faulty import Seen

USER = "device-1"


@contextmanager
def enforced(
    endpoint: str, policy: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """From now on the environment holds credentials of a user that may do what the policy says."""
    iam = boto3.client("iam", endpoint_url=endpoint)
    iam.create_user(UserName=USER)
    iam.put_user_policy(UserName=USER, PolicyName="upload", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName=USER)["AccessKey"]
    iam.close()
    with monkeypatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
        patch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
        _requests_without_authorization(endpoint, "0")
        try:
            yield
        finally:
            _requests_without_authorization(endpoint, "inf")


def _requests_without_authorization(endpoint: str, count: str) -> None:
    address = f"{endpoint}/moto-api/reset-auth"
    plain = {"Content-Type": "text/plain"}
    asked = Request(address, data=count.encode(), headers=plain, method="POST")
    build_opener(ProxyHandler({})).open(asked).close()


def needed(requests: Iterable[Seen]) -> set[str]:
    """The permissions that Amazon asks for these requests, by its list of actions of S3.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html and the pages beside it.
    """
    return {action for request in requests for action in _needed(request)}


def _needed(request: Seen) -> Iterator[str]:
    method, _, target = request.line.partition(" ")
    headers = request.headers
    if method in ("GET", "HEAD"):
        yield "s3:GetObject" if target.count("/") > 1 else "s3:ListBucket"
    elif method == "DELETE":
        yield "s3:AbortMultipartUpload" if "uploadId=" in target else "s3:DeleteObject"
    else:
        yield "s3:PutObject"
    if "x-amz-tagging" in headers:
        yield "s3:PutObjectTagging"
    if headers.get("x-amz-server-side-encryption") == "aws:kms":
        yield "kms:GenerateDataKey"
