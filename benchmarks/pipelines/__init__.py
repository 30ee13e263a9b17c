"""What `python -m benchmarks.pipeline` measures, one file for each part."""
