"""The conversation: pure Python, with no server, socket, database, thread or clock.

Scripts (:mod:`~hotline.dialog.script`) are generators that read like the conversation;
:class:`~hotline.dialog.conversation.Conversation` runs them and keeps the log.
"""
