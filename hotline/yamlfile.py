"""Data is data: YAML files checked against a schema, with errors that name file and line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedBase, CommentedMap
from ruamel.yaml.error import MarkedYAMLError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

T = TypeVar("T")


class DataError(Exception):
    """A data file that cannot be used. Its text names file, line and what is wrong."""


def load(path: Path, schema: type[T] | TypeAdapter[T]) -> T:
    """Read ``path`` and check it against ``schema`` (a pydantic model, dataclass or adapter).

    :raises DataError: if the file is missing, is not YAML, or does not fit the schema.
    """
    adapter = schema if isinstance(schema, TypeAdapter) else TypeAdapter(schema)
    try:
        tree = YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}") from error
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DataError(f"{path}:{line}: {error.problem}") from error
    try:
        return adapter.validate_python(_plain(tree))
    except ValidationError as error:
        lines = [
            f"{path}:{line_of(tree, problem['loc'])}: "
            f"{'.'.join(str(part) for part in problem['loc']) or 'file'}: {problem['msg']}"
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
    return line_of(YAML(typ="rt").load(path.read_text(encoding="utf-8")), location)


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
