"""What `backup` and `restore` understand; read by every command, so nothing else is imported here."""

from __future__ import annotations

from argparse import ArgumentParser


def add_arguments(backup_parser: ArgumentParser, restore_parser: ArgumentParser) -> None:
    """What the two commands understand."""
    backup_parser.add_argument("--follow", action="store_true", help="stream the log too, until stopped")
    restore_parser.add_argument("--at", required=True, metavar="TIME", help="2026-11-23T03:12:45Z, or latest")
    restore_parser.add_argument("--to", required=True, metavar="FOLDER", help="a new data folder")
    restore_parser.add_argument("--superuser", default="postgres", help="of the database")
    restore_parser.add_argument("--files-to", metavar="FOLDER", help="put the files back there")
    restore_parser.add_argument("--key", metavar="PEM", help="private key of BACKUP_CERTIFICATE")
    restore_parser.add_argument("--key-password", metavar="FILE", help="file with the password of --key")
    restore_parser.add_argument("--keys-to", metavar="FOLDER", help="write the opened key files there")
