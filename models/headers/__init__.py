"""What a file of weights says of its inputs and outputs, read without a runtime."""
