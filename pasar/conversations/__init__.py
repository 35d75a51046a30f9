"""Conversations: who speaks with a buyer now, and who the buyer is."""
