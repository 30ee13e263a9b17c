"""One file per runtime; `models.backend.open_backend` imports the one that is asked for."""
