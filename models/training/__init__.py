"""How the bundled demo models were made: run again, they come out the same."""
