"""Frames out of a GStreamer pipeline that a person wrote."""
