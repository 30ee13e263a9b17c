"""The only door from a raw frame to pixels that may be shared."""
