"""What Rasa loads: the only part of Pasar that imports Rasa."""
