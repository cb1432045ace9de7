"""A corpus made on the spot: every phrase of every grammar, spoken as people do, and what is no answer."""
