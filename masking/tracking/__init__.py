"""Faces over time: how the scene moves, and where each face is that was seen before or after."""
