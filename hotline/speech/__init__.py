"""Ears and voice: recognition, end of turn, synthesis and the telephone's audio format."""
