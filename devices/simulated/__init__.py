"""A greenhouse that does not exist: rendered pictures and a made-up climate."""
