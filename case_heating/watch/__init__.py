"""What happens after release: is the champion still right, and if not, why and what then."""
