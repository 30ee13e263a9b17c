"""One file per way to tell the world what was seen."""
