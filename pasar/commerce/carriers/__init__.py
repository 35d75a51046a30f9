"""Where parcels are, from services that track many carriers: one module a service, to its public specification."""
