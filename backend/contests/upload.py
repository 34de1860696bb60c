"""Reading the form of a new contest: the file goes to disk while it arrives, and stops at a limit."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Annotated, Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from backend.contests.errors import FileTooLarge, UploadMalformed

MAX_FILE_BYTES = 200 * 1024 * 1024
MAX_TEXT_BYTES = 128 * 1024
_FORM_BYTES = 4 * MAX_TEXT_BYTES  # what the form may have besides the file
_NAME_CHARACTERS = 200
MOST_PLACES = 10_000


def _text(value: str) -> str:
    """Line ends as LF (browsers send CRLF), no blanks around, nothing a database cannot hold."""
    text = value.replace("\r\n", "\n").strip()
    if "\0" in text:
        raise ValueError("holds a zero character, which is no text")
    return text


Text = Annotated[str, AfterValidator(_text), StringConstraints(min_length=1)]


class ContestForm(BaseModel):
    """The form's fields beside the file."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[Text, Field(max_length=200, examples=["Meadow giveaway"])]
    rules: Annotated[
        Text,
        Field(
            max_length=20_000, description="Hashed on chain, shown to everyone", examples=["One entry each."]
        ),
    ]
    post_reference: Annotated[
        Text,
        Field(
            max_length=500,
            description="The post drawn from; draws for the same post are counted on chain",
            examples=["https://social.example/posts/217"],
        ),
    ]
    winners: Annotated[int, Field(ge=1, le=MOST_PLACES, examples=[5])]
    alternates: Annotated[int, Field(ge=0, le=MOST_PLACES, examples=[5])] = 0
    column: Annotated[
        Text | None,
        Field(max_length=200, description="Which column holds the account, where its name does not tell"),
    ] = None
    weight_column: Annotated[
        Text | None,
        Field(
            max_length=200,
            description="Makes the list weighted: which column holds how often an entry counts",
            examples=["tickets"],
        ),
    ] = None


def request_body() -> dict[str, Any]:
    """The OpenAPI request body: the form and its file."""
    schema = ContestForm.model_json_schema()
    schema["properties"] = {
        "file": {
            "type": "string",
            "format": "binary",
            "description": f"CSV with a header row, or JSON; UTF-8; at most {MAX_FILE_BYTES // 2**20} MiB",
        },
        **schema["properties"],
    }
    schema["required"] = ["file", *schema["required"]]
    return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}


async def read_form(request: Request) -> tuple[ContestForm, UploadFile]:
    """The form and its file, which the caller closes.

    Raises FileTooLarge as soon as it is, UploadMalformed, or RequestValidationError naming the fields.
    """
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise UploadMalformed("Send the list as multipart/form-data with the parts file, title, rules, …")
    parser = MultiPartParser(
        request.headers, _limited(request), max_files=1, max_fields=16, max_part_size=MAX_TEXT_BYTES
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
        fields = ContestForm.model_validate({name: value for name, value in form.items() if name != "file"})
    except ValidationError as error:
        await form.close()
        raise RequestValidationError(
            [{**problem, "loc": ("body", *problem["loc"])} for problem in error.errors(include_url=False)]
        ) from None
    return fields, file


def file_name(file: UploadFile) -> str:
    """The name the file had at its owner's, shortened; only shown, never used as a path."""
    name = "".join(character for character in file.filename or "list" if character.isprintable())
    return name[:_NAME_CHARACTERS] or "list"


async def _limited(request: Request) -> AsyncGenerator[bytes, None]:
    """The request's body, given up at the limit."""
    limit = MAX_FILE_BYTES + _FORM_BYTES
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
            f"The upload is larger than {MAX_FILE_BYTES // 2**20} MiB. "
            "Leave out columns nobody needs, or split it."
        )
