"""What one kept frame costs, so that a month of them does not cost more than is allowed.

The default prices are those of Amazon S3, storage class Standard, region us-east-1, as they were in
2025 (https://aws.amazon.com/s3/pricing/): 0.005 USD for 1,000 PUT requests, 0.023 USD for a GB and
month of the first 50 TB, nothing for data that comes in. Amazon's GB has 2^30 bytes and ours has
10^9, so that we count 7% too much of the storage.
"""

from math import ceil

from uploader.choosing.settings import PriceSettings

NANO = 1_000_000_000
"""Money is added up in whole billionths of the currency, so that no sum depends on its order."""
GIGABYTE = 1_000_000_000


def frame_cost(prices: PriceSettings, size_bytes: int, records_put: float = 1.0) -> int:
    """Of one kept frame, in billionths of the currency, rounded up.

    Its PUT, its record's share of a PUT, sending it, keeping it for a month, and its label.
    records_put: that share; records go in batches, but on a quiet day a batch holds one.
    """
    gigabytes = size_bytes / GIGABYTE
    requests = (1.0 + records_put) * prices.put
    bytes_cost = gigabytes * (prices.gigabyte_sent + prices.gigabyte_month)
    return ceil((requests + bytes_cost + prices.label) * NANO)
