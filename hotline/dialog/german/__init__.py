"""German as it is spoken on the telephone: understood from a recogniser's words, and put into words.

Everything here is a pure function of its arguments. Understanding takes *words*: lower case, numbers as
words, ``[unk]`` for noise, as Vosk returns them (:func:`hotline.dialog.german.words.words` makes them from
text). What is not there is ``None``. What was understood names the words it used (``used``), so that the
rest of the utterance can be matched for other things.
"""
