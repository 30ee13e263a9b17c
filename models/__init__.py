"""Pixels or numbers in, opinions out."""
