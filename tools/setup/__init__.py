"""Set-up: brings a checkout from nothing to built, with only Python, Node and make on the machine.

`make setup` runs `python3 -m tools.setup`. Only the standard library is used, and nothing newer than
Python 3.8, so that an old interpreter can at least say what is missing. Each step is skipped while its
inputs are unchanged.
"""
