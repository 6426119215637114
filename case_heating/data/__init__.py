"""Raw files become trusted tables."""
