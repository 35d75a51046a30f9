"""How well Pasar understands buyers: measured on sentences it never saw, next to two baselines."""
