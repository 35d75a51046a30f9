"""A shop of invented data in an SQL database: for trying Pasar out, and for its tests."""
