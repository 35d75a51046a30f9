"""Shop systems of others: one module a platform, each to the platform's public specification."""
