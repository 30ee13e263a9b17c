"""Writes masked frames as a video file, by the ffmpeg program."""
