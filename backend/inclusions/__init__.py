"""Was I included? One account's entry or exclusion in a committed contest, with its proof; nothing about others."""
