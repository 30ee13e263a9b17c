"""What a label is worth that the device chose; the parts of benchmarks/sampling.py."""
