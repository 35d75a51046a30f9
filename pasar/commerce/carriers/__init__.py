"""Where parcels are, asked from those who carry them."""
