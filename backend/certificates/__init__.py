"""The certificate of a drawn contest: a PDF in the contest's language, the same bytes for the same facts.

`facts` says what is on it, `wording` puts it into words, `typeset` makes the PDF (in a process of its own), `service`
keeps it in the file store under a key that follows from what it shows.
"""
