"""Participants: what imports bring into a contest, one row for each comment or line of a file, as it came.

`reading` (a list of any format → batches, in a stream: `csv_file`, `json_file`, `xlsx_file`), `importing` (a file's
batches → the database, by a worker), `store` (rows, counters and position in one transaction), `service` (beginning
and giving up), `rejections` (what could not be taken).
"""
