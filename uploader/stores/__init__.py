"""One file per kind of object store; `uploader.store.open_store` imports the one asked for."""
