"""Teaches the schema's generator our frozen values, and describes each read in one line."""

import inspect
import re
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from drf_spectacular.drainage import set_override
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import Direction, extend_schema

from aggregator.api.shapes import Listing
from reports.api.schema import problems

Read = TypeVar("Read", bound=Callable[..., object])
Struct = type[msgspec.Struct]
Schema = dict[str, Any]
PREFIX = "#/components/schemas/"
ATTRIBUTES = "\n\nAttributes:\n"


class StructSchema(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]  # it ships no type for its registry
    """Describes a `msgspec.Struct`: its JSON schema is made from what encodes and checks it."""

    target_class = msgspec.Struct
    match_subclasses = True

    def get_name(self, auto_schema: AutoSchema, direction: Direction) -> str:  # noqa: ARG002 - its signature
        """The component's name."""
        # Known by its name alone where another component refers to it.
        set_override(self.target, "suppress_collision_warning", True)  # noqa: FBT003 - its signature
        return str(self.target.__name__)

    def map_serializer(self, auto_schema: AutoSchema, direction: Direction) -> Schema:
        """The component; those it refers to are registered on the way."""
        _, components = msgspec.json.schema_components(
            [self.target], ref_template=PREFIX + "{name}"
        )
        for name, schema in components.items():
            found = ResolvedComponent(  # type: ignore[no-untyped-call]  # nor for this
                name=name,
                type=ResolvedComponent.SCHEMA,
                object=name,
                schema=with_descriptions(schema),
            )
            if name != self.target.__name__:
                auto_schema.registry.register_on_missing(found)
        own = with_descriptions(components[self.target.__name__])
        return without_nulls(own) if direction == "request" else own


def with_descriptions(schema: Schema) -> Schema:
    """A schema with its docstring's Attributes told where they are.

    >>> attributes = "A count." + ATTRIBUTES + "    n: how many."
    >>> with_descriptions({"description": attributes, "properties": {"n": {}}})
    {'description': 'A count.', 'properties': {'n': {'description': 'how many.'}}}
    """
    text = inspect.cleandoc(schema.get("description", ""))
    described, _, rest = text.partition(ATTRIBUTES)
    told = {
        name: " ".join(words.split())
        for name, words in re.findall(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", rest, re.MULTILINE)
    }
    if not told:
        return {**schema, "description": described} if text else schema
    properties = {
        name: {**value, "description": told[name]} if name in told else value
        for name, value in schema.get("properties", {}).items()
    }
    return {**schema, "description": described, "properties": properties}


def without_nulls(schema: Schema) -> Schema:
    """A schema of query parameters, which can be left out but never be null.

    >>> without_nulls({"properties": {"q": {"anyOf": [{"a": 1}, {"type": "null"}]}}})
    {'properties': {'q': {'a': 1}}}
    """
    properties = {}
    for name, value in schema.get("properties", {}).items():
        rest = {key: kept for key, kept in value.items() if key != "anyOf"}
        if rest.get("default", ...) is None:
            del rest["default"]
        properties[name] = {**value.get("anyOf", [{}])[0], **rest}
    return {**schema, "properties": properties}


def describe(
    operation_id: str,
    summary: str,
    response: Struct,
    question: Struct | None = None,
    *,
    missing: bool = True,
) -> Callable[[Read], Read]:
    """A decorator that describes one read.

    Args:
        operation_id: the name generated clients give it.
        summary: what it answers, in a few words; the view's docstring says the rest.
        response: the answer.
        question: the query parameters.
        missing: whether its address may name something that does not exist.
    """
    bad = [*([400] if question else []), *([404] if missing else []), 406]
    return extend_schema(
        operation_id=operation_id,
        summary=summary,
        parameters=[question] if question else [],  # type: ignore[list-item]  # by StructSchema
        responses={200: response, **problems(*bad)},
        auth=[],
    )


def list_of(entry: Struct, name: str) -> Struct:
    """The envelope of a list of such entries, as a component of that name."""
    fields = [("next", str | None), ("previous", str | None), ("results", list[entry])]  # type: ignore[valid-type]  # made when the program runs
    return msgspec.defstruct(name, fields, namespace={"__doc__": Listing.__doc__})
