"""Makes bundles out of files that other programs left."""
