"""What is measured, and quoted in docs: run one with `python -m benchmarks.<name>`."""
