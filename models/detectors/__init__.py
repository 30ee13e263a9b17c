"""One file per face detector, each with its own decoding."""
