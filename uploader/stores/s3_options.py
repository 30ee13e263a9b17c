"""What `[store.s3]` says, in the words of S3: how an object is kept, and what that needs."""

from typing import Any
from urllib.parse import quote, urlencode

from uploader.settings import S3Settings, StoreSettings

ENCRYPTIONS = {"s3": "AES256", "kms": "aws:kms"}


def put_options(settings: S3Settings) -> dict[str, Any]:
    """Parameters of PutObject and CreateMultipartUpload; those that are not set are left out."""
    options: dict[str, Any] = {}
    if settings.encryption != "bucket":
        options["ServerSideEncryption"] = ENCRYPTIONS[settings.encryption]
    if settings.kms_key is not None:
        options["SSEKMSKeyId"] = settings.kms_key
    if settings.bucket_key:
        options["BucketKeyEnabled"] = True
    if settings.storage_class is not None:
        options["StorageClass"] = settings.storage_class
    if settings.tags:
        options["Tagging"] = urlencode(settings.tags, quote_via=quote)
    return options


def permissions(settings: StoreSettings) -> str:
    """What uploading as configured needs, for people."""
    needed = ["s3:PutObject"]
    needed += ["s3:PutObjectTagging"] if settings.s3.tags else []
    needed += ["s3:GetObject"] if settings.verify else []
    needed += ["kms:GenerateDataKey", "kms:Decrypt"] if settings.s3.encryption == "kms" else []
    return " and ".join(filter(None, (", ".join(needed[:-1]), needed[-1])))
