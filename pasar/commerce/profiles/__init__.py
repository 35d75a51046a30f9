"""A shop's own configuration, one YAML file a shop: read, checked, as records of the rules."""
