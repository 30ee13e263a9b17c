"""The parts of benchmarks/spool.py."""
