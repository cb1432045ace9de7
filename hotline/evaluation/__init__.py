"""The instrument: how well any model understands callers, measured on the path that a call takes."""
