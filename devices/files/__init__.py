"""Photographs and videos in files, as frames."""
