"""Work that takes its time: the queue in the database, the worker that takes from it, and what each kind of job does.

A job is ended once, by whoever holds its lease, in the transaction that keeps what it made.
"""
