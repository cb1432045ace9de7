"""Training of the hotline's acoustic net, in steps that can be repeated; see ``training/README.md``."""
