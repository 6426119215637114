"""Trusted tables become what a model may know at a moment."""
