"""A post's comments from where they were written: Instagram, Facebook, X, TikTok and YouTube behind one interface.

`platform` is the interface, one module each speaks a platform's API, `http` calls it, `faults` says what may go wrong.
`attempts` has an account connected, `tokens` keeps its access sealed and renews it, `fetching` brings comments into a
contest page by page. What each platform tells, and asks for, is in docs/connectors.md.
"""
