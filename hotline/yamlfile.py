"""Data is data: YAML files checked against a schema, with errors that name file and line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedBase, CommentedMap
from ruamel.yaml.constructor import ConstructorError, RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pydantic_core import ErrorDetails

T = TypeVar("T")

IN_GERMAN = {
    "missing": "fehlt",
    "extra_forbidden": "diesen Eintrag gibt es nicht",
    "int_parsing": "eine ganze Zahl wird erwartet",
    "int_type": "eine ganze Zahl wird erwartet",
    "int_from_float": "eine ganze Zahl wird erwartet",
    "float_parsing": "eine Zahl wird erwartet",
    "float_type": "eine Zahl wird erwartet",
    "bool_parsing": "true oder false wird erwartet",
    "bool_type": "true oder false wird erwartet",
    "string_type": "ein Text wird erwartet",
    "string_too_short": "der Text ist zu kurz, mindestens {min_length} Zeichen",
    "string_too_long": "der Text ist zu lang, höchstens {max_length} Zeichen",
    "string_pattern_mismatch": "passt nicht zu {pattern}",
    "tuple_type": "eine Liste wird erwartet",
    "list_type": "eine Liste wird erwartet",
    "dict_type": "Einträge der Form name: wert werden erwartet",
    "model_type": "Einträge der Form name: wert werden erwartet",
    "too_short": "zu wenige Einträge, mindestens {min_length}",
    "too_long": "zu viele Einträge, höchstens {max_length}",
    "literal_error": "erlaubt sind {expected}",
    "greater_than": "muss größer als {gt} sein",
    "greater_than_equal": "muss mindestens {ge} sein",
    "less_than": "muss kleiner als {lt} sein",
    "less_than_equal": "darf höchstens {le} sein",
    "time_parsing": "eine Uhrzeit wie 08:00 wird erwartet",
    "date_type": "ein Datum wie 2027-01-31 wird erwartet",
    "date_parsing": "ein Datum wie 2027-01-31 wird erwartet",
    "date_from_datetime_parsing": "ein Datum wie 2027-01-31 wird erwartet",
    "value_error": "{error}",
}
"""pydantic's messages by type, as those read them who keep the files. Rarer ones stay English."""


class DataError(Exception):
    """A data file that cannot be used. Its text names file, line and what is wrong."""


def load(path: Path, schema: type[T] | TypeAdapter[T]) -> T:
    """Read ``path`` and check it against ``schema`` (a pydantic model, dataclass or adapter).

    :raises DataError: if the file is missing, is not YAML, or does not fit the schema.
    """
    adapter = schema if isinstance(schema, TypeAdapter) else TypeAdapter(schema)
    tree = _read(path)
    try:
        return adapter.validate_python(_plain(tree))
    except ValidationError as error:
        lines = [
            f"{path}:{line_of(tree, problem['loc'])}: "
            f"{'.'.join(str(part) for part in problem['loc']) or 'Datei'}: {german(problem)}"
            for problem in error.errors()
        ]
        raise DataError("\n".join(lines)) from error


def line_of(tree: object, location: Sequence[str | int]) -> int:
    """Return the line, from 1, of the node at ``location`` or of its nearest parent that is there."""
    line = 1
    for part in location:
        if not isinstance(tree, CommentedBase):
            break
        try:
            mark = tree.lc.key(part) if isinstance(tree, CommentedMap) else tree.lc.item(part)
            line = mark[0] + 1
            tree = tree[part]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            break
    return line


def line_at(path: Path, location: Sequence[str | int]) -> int:
    """Return the line of ``location`` in a file that has been read before, for errors found later."""
    return line_of(_read(path), location)


class _Constructor(RoundTripConstructor):
    """Says of an impossible date where it stands."""

    def construct_yaml_timestamp(self, node: Any, values: Any = None) -> Any:
        try:
            return super().construct_yaml_timestamp(node, values)
        except ValueError as error:
            raise ConstructorError(
                None, None, f"{node.value!r} gibt es nicht im Kalender", node.start_mark
            ) from error


_Constructor.add_constructor("tag:yaml.org,2002:timestamp", _Constructor.construct_yaml_timestamp)


def _read(path: Path) -> object:
    yaml = YAML(typ="rt")
    yaml.Constructor = _Constructor
    try:
        return yaml.load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise DataError(f"{path}:{line}: die Datei ist nicht in UTF-8 gespeichert") from error
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DataError(f"{path}:{line}: {error.problem}") from error
    except YAMLError as error:
        raise DataError(f"{path}: {error}") from error


def german(problem: ErrorDetails) -> str:
    """Return what is wrong, as pydantic found it, for those who keep files and settings."""
    text = IN_GERMAN.get(problem["type"])
    return text.format_map(problem.get("ctx", {})) if text else problem["msg"]


def _plain(node: Any) -> Any:
    """Strip ruamel's round-trip types, which pydantic's strict types do not know."""
    if isinstance(node, dict):
        return {_plain(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    if isinstance(node, str):
        return str(node)
    if isinstance(node, bool) or node is None:
        return node
    if isinstance(node, int):
        return int(node)
    if isinstance(node, float):
        return float(node)
    return node
