"""The scripts: what the hotline says and asks, in the order in which it does."""

from hotline.dialog.scripts.call import CallScripts

__all__ = ["CallScripts"]
