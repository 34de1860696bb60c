"""What people are told without having asked at that moment: by mail, in their language, and as events.

`security` tells of changes of how an account is reached; `service` of everything else; `draws`, `raffles` and
`credits` learn of facts and tell them once; `unsubscribe` ends what can be ended; `announcement` writes what an
organiser posts about winners. docs/notices.md has the table.
"""
