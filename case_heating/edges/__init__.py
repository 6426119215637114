"""Thin edges: parse, call the journey, show."""
