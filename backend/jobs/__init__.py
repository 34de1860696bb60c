"""Work that is done later: procrastinate's queue in schema `jobs`, one leader that enqueues what is scheduled.

A module of tasks decorates coroutines with `app.task`; `enqueue` stores a job in the caller's transaction.
"""
