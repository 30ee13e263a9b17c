"""A model as a folder or a tar that leaves nothing to guess, and the store of them on a device."""
