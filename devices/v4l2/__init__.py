"""A camera of the Linux kernel: found, asked what it can do, set, and read buffer by buffer."""
