"""What is said of entries that left the spool: records of those in the store, and tombstones."""
