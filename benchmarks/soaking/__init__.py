"""The parts of the soak: the service's world, what goes wrong in it, and what is measured."""
