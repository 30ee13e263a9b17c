"""Is this reading like the ones we know? Features, the One-Class SVM, and its bundle."""
