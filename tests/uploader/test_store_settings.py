from typing import Any

import pytest
from pydantic import ValidationError

from uploader.settings import S3Settings, StoreSettings


def refused(sentence: str, **settings: Any) -> None:
    with pytest.raises(ValidationError, match=sentence):
        StoreSettings.model_validate({"url": "s3://my-bucket", **settings})


@pytest.mark.parametrize("window", ["22-05", "24:00-05:00", "22:60-05:00", "9:00-10:00", "now"])
def test_a_window_is_two_times_of_the_day(window: str) -> None:
    refused("should match", windows=[window])


def test_a_window_that_ends_where_it_begins_is_refused_as_it_could_mean_either() -> None:
    refused("has to end at another time", windows=["22:00-22:00"])


def test_a_key_of_kms_without_kms_is_refused() -> None:
    refused('encryption = "kms"', s3={"kms_key": "alias/vision"})
    refused('encryption = "kms"', s3={"encryption": "s3", "bucket_key": True})
    S3Settings(encryption="kms", kms_key="alias/vision", bucket_key=True)


def test_tags_are_those_that_s3_takes() -> None:
    S3Settings(tags={"site": "Köln 3", "a:b/c=d+e-f@g_h.": ""})
    refused("begin with aws:", s3={"tags": {"aws:created": "yes"}})
    refused("should match", s3={"tags": {"what?": "no"}})
    refused("at most 256", s3={"tags": {"long": "x" * 257}})
    refused("at most 10", s3={"tags": {str(number): "" for number in range(11)}})


def test_parts_are_as_large_as_s3_wants_them() -> None:
    refused("greater than or equal to 5242880", s3={"part_bytes": 5_000_000})
