"""Which detectors look for faces, live and once more before a frame is kept."""
