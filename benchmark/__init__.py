"""What a message costs: stock Rasa and Pasar on the same machine, in one run, with the same buyers."""
