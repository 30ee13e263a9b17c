"""Makes a classifier as sure as it is right, from labelled frames."""
