"""From a masked frame to an object in a bucket, surely."""
