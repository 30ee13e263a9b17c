"""Networks that other frameworks left behind, turned into files that today's runtimes read."""
