"""The story that a fresh local system is filled with: one of everything, made through the public faces only.

Run as `python -m tools.story` (the supervisor does, once per state folder). People with a browser wallet are
anvil's unlocked accounts sending ordinary transactions; people without one use the HTTP API like any client.
Nothing is written to the database from here. Every step is recorded in `<STATE_DIR>/story.json` and looks for
what it made before, so a story that was interrupted goes on where it stopped.
"""
