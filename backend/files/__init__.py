"""The file store: what people upload and what we make for them, under keys. Rows in the database name the keys.

`store` is what every user of it sees; `folder` and `s3` are the stores, `choice` says which it is, `links` and
`router` let somebody download a file of the folder, `retention` deletes what nobody needs any more.
"""
