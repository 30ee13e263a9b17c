"""Raw sensor readings, collected into Parquet files that go the way of all uploads."""
