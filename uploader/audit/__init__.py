"""Walks a store and says whether everything in it is what devices recorded: `receipts verify`."""
