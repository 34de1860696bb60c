"""Reading a request that brings participants: a form with a file, which goes to disk while it arrives and stops at a
limit, or a paste in JSON."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from pydantic_core import from_json
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from backend.connectors.schemas import FetchIn
from backend.participants.errors import FileTooLarge, UploadMalformed
from backend.participants.schemas import ColumnsIn, PasteIn

MAX_FILE_BYTES = 512 * 2**20
MAX_PASTE_BYTES = 8 * 2**20
_FORM_BYTES = 64 * 2**10  # what the form may have besides the file
_FIELD_BYTES = 4 * 2**10
_NAME_CHARACTERS = 200
_PIECE = 256 * 2**10


def request_body() -> dict[str, Any]:
    """The OpenAPI request body: a form with its file, a paste, or a platform's post."""
    form = ColumnsIn.model_json_schema()
    form["properties"] = {
        "file": {
            "type": "string",
            "format": "binary",
            "description": f"CSV, TSV, XLSX or JSON; text in UTF-8; at most {MAX_FILE_BYTES // 2**20} MiB",
        },
        **form["properties"],
    }
    form["required"] = ["file"]
    return {
        "required": True,
        "content": {
            "multipart/form-data": {"schema": form},
            "application/json": {
                "schema": {"oneOf": [PasteIn.model_json_schema(), FetchIn.model_json_schema()]}
            },
        },
    }


def is_json(request: Request) -> bool:
    """Whether the request says that it is JSON."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


async def read_json(request: Request) -> PasteIn | FetchIn:
    """A paste, or with a `source` a platform's post. Raises FileTooLarge, or RequestValidationError naming the fields."""
    body = b"".join([piece async for piece in _limited(request, MAX_PASTE_BYTES)])
    try:
        return _kind_of(body).model_validate_json(body)
    except ValidationError as error:
        raise _invalid(error) from None


def _kind_of(body: bytes) -> type[PasteIn | FetchIn]:
    """What a body means to be; a paste where it is no JSON, whose validation says so."""
    try:
        read = from_json(body)
    except ValueError:
        return PasteIn
    return FetchIn if isinstance(read, dict) and "source" in read else PasteIn


async def read_form(request: Request) -> tuple[ColumnsIn, UploadFile]:
    """The form and its file, which the caller closes.

    Raises FileTooLarge as soon as it is, UploadMalformed, or RequestValidationError naming the fields.
    """
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise UploadMalformed(
            "Send a list as multipart/form-data with the part file, or a paste as application/json."
        )
    parser = MultiPartParser(
        request.headers,
        _limited(request, MAX_FILE_BYTES + _FORM_BYTES),
        max_files=1,
        max_fields=len(ColumnsIn.model_fields) + 1,
        max_part_size=_FIELD_BYTES,
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise UploadMalformed(f"The form cannot be read: {error.message}") from None
    file = form.get("file")
    if not isinstance(file, UploadFile):
        await form.close()
        raise UploadMalformed("The form has no file: add the list as a part named `file` with a file name.")
    try:
        fields = ColumnsIn.model_validate({name: value for name, value in form.items() if name != "file"})
    except ValidationError as error:
        await form.close()
        raise _invalid(error) from None
    return fields, file


def file_name(file: UploadFile) -> str:
    """The name the file had at its owner's, shortened; only shown, never used as a path."""
    name = "".join(character for character in file.filename or "list" if character.isprintable())
    return name[:_NAME_CHARACTERS] or "list"


async def pieces(file: UploadFile, sha256: hashlib._Hash) -> AsyncIterator[bytes]:
    """The file's bytes, which are added to the hash."""
    while piece := await file.read(_PIECE):
        sha256.update(piece)
        yield piece


def _invalid(error: ValidationError) -> RequestValidationError:
    problems = error.errors(include_url=False, include_context=False)
    return RequestValidationError([{**problem, "loc": ("body", *problem["loc"])} for problem in problems])


async def _limited(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    """The request's body, given up at the limit."""
    announced = request.headers.get("content-length", "")
    received = int(announced) if announced.isdigit() else 0
    if received <= limit:
        received = 0
        async for chunk in request.stream():
            received += len(chunk)
            if received > limit:
                break
            yield chunk
    if received > limit:
        raise FileTooLarge(
            f"The upload is larger than {limit // 2**20} MiB. Leave out columns nobody needs, or split it.",
            mebibytes=limit // 2**20,
        )
