"""Features become predictions people can judge."""
