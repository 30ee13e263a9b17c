"""Manifests for those who label and train, made from the records of what was kept."""
