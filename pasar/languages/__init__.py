"""Languages: packs, normalising, words, identification, and the things a message names."""
