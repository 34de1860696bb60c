"""`fields=`: a page of a list with only some fields of each item. Every list that has a cursor takes it."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from typing import Annotated, Any, get_args

from fastapi import Query, Response
from pydantic import BaseModel, TypeAdapter
from starlette.status import HTTP_200_OK

from backend.errors import InvalidInput

MOST_CHARACTERS = 1000


class SparseList:
    """A list as a route answers it, and what its items have."""

    def __init__(self, model: type[BaseModel], item: type[BaseModel]) -> None:
        shown = {name for name, field in item.model_fields.items() if not field.exclude}
        self.fields = sorted(shown | item.model_computed_fields.keys())
        self._rest = {name: True for name in model.model_fields if name != "items"}
        self._adapter: TypeAdapter[Any] = TypeAdapter(model)

    @property
    def parameter(self) -> inspect.Parameter:
        """What a route that answers this list takes beside its own."""
        described = f"Only these fields of each item, separated by commas, of: {', '.join(self.fields)}"
        query = Query(alias="fields", max_length=MOST_CHARACTERS, description=described)
        return inspect.Parameter(
            "_fields", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[str | None, query]
        )

    def chosen(self, asked: str) -> set[str]:
        """The names in `asked`; raises InvalidInput for one that is none."""
        names = asked.split(",")
        for name in names:
            if name not in self.fields:
                raise InvalidInput(
                    "query.fields", f"{name!r} is no field of these items: there are {', '.join(self.fields)}"
                )
        return set(names)

    def render(self, page: Any, names: set[str]) -> Response:
        """The page with those fields of its items, and everything beside them; a page written already keeps its tag."""
        if isinstance(page, Response):
            return _shortened(page, names)
        told = self._adapter.validate_python(page, from_attributes=True)
        include: dict[str, Any] = {**self._rest, "items": {"__all__": names}}
        return Response(self._adapter.dump_json(told, include=include), media_type="application/json")


def _shortened(written: Response, names: set[str]) -> Response:
    """Its validator is of the same facts, and belongs to this address: it stays. So does a 304, which has no body."""
    if written.status_code != HTTP_200_OK:
        return written
    told = json.loads(bytes(written.body))
    told["items"] = [{name: item[name] for name in item if name in names} for item in told["items"]]
    headers = {name: value for name, value in written.headers.items() if name != "content-length"}
    return Response(json.dumps(told, separators=(",", ":"), ensure_ascii=False), headers=headers)


def sparse_list(endpoint: Callable[..., Any]) -> SparseList | None:
    """What the route answers, if that is a list with a cursor."""
    model = inspect.signature(endpoint, eval_str=True).return_annotation
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return None
    if not {"items", "next_cursor"} <= model.model_fields.keys():
        return None
    (item,) = get_args(model.model_fields["items"].annotation)
    return SparseList(model, item)
