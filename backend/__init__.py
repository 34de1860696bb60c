"""The service for people without a wallet of their own: accounts, custodial wallets, intents, reads.

One deployable, several processes (`python -m backend api | sender | keeper | migrate | openapi`). Modules are
named by noun (`users/ wallets/ intents/ ...`) with the same file names inside: router, service, tables,
schemas. May import `listener.chain` and the read model `listener.mirror`, never `ape`.
"""
