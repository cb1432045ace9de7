"""Where the ear's model comes from: looked for in a few places, or fetched from Vosk's site."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, TypeAlias

import requests

from hotline.settings import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

VOSK_SITE = "https://alphacephei.com/vosk/models/"
"""Vosk's official models (https://alphacephei.com/vosk/models)."""
OFFICIAL = {
    "vosk-model-small-de-0.15": "klein (45 MB), 16 kHz, Wortschatz und Grammatiken",
    "vosk-model-de-0.21": "groß (1,9 GB), 16 kHz, nur mit viel Speicher",
}
"""The German models there, and what they are."""
_ATTEMPTS = 5
_TIMEOUT_S = (10, 30)  # to connect, and between two pieces of data


class ModelError(Exception):
    """No model. The text is a German sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Found:
    """A model's folder, and the German words for where it was found."""

    path: Path
    why: str


def find(
    setting: Path | None,
    *,
    root: Path = ROOT,
    environment: Mapping[str, str] = os.environ,
    home: Path | None = None,
) -> Found:
    """Return the model to use: the one set, else the first found in the project, beside it, in Vosk's cache.

    :raises ModelError: if the one set is no model, or none is found; the text says where it was looked for.
    """
    if setting is not None:
        if not is_model(setting):
            raise ModelError(f"HOTLINE_MODEL={setting} ist kein Vosk-Modell (dort fehlt am/final.mdl).")
        return Found(setting, "eingestellt mit HOTLINE_MODEL")
    looked: list[str] = []
    for folder, why in _places(root, environment, home or Path.home()):
        candidates = [folder] if is_model(folder) else sorted(folder.glob("*")) if folder.is_dir() else []
        if found := next(filter(is_model, candidates), None):
            return Found(found, why)
        looked.append(str(folder))
    raise ModelError("Kein Sprachmodell gefunden; gesucht in " + ", ".join(looked) + ".")


def is_model(path: Path) -> bool:
    """Whether ``path`` is the folder of a Vosk model, in the present layout or the flat one before 2020."""
    return (path / "am" / "final.mdl").is_file() or (path / "final.mdl").is_file()


def _places(root: Path, environment: Mapping[str, str], home: Path) -> Iterator[tuple[Path, str]]:
    yield root / "models", "im Projekt unter models/"
    yield root.parent / "shared" / "models" / "telefon-de", "neben dem Projekt unter shared/models/"
    if set_by_vosk := environment.get("VOSK_MODEL_PATH"):
        yield Path(set_by_vosk), "eingestellt mit VOSK_MODEL_PATH"
    for cache in (home / ".cache" / "vosk", Path("/usr/share/vosk")):
        for official in OFFICIAL:
            yield cache / official, "im Zwischenspeicher von Vosk"


Progress: TypeAlias = "Callable[[int, int | None], None]"
"""Called with the bytes present and the bytes expected, where known."""


def fetch(name: str, models: Path, progress: Progress, *, site: str = VOSK_SITE) -> Path:
    """Download and unpack the model ``name`` into the folder ``models``; return its folder.

    A broken download goes on where it stopped, now or at the next call. The folder appears whole or not at
    all.

    :raises ModelError: if there is no network, no such model, no space, or the archive is damaged.
    """
    if not re.fullmatch(r"[\w.-]*\w", name):
        raise ModelError(f"„{name}“ ist kein Name eines Modells.")
    target = models / name
    if is_model(target):
        return target
    archive = models / f"{name}.zip.part"
    try:
        models.mkdir(parents=True, exist_ok=True)
        _download(f"{site}{name}.zip", archive, progress)
        _unpack(archive, target)
        archive.unlink()
    except (zipfile.BadZipFile, NotImplementedError) as error:
        archive.unlink(missing_ok=True)
        raise ModelError(f"Das Archiv {name}.zip ist beschädigt und wurde verworfen: {error}") from error
    except OSError as error:
        raise ModelError(f"Nach {models} lässt sich nicht schreiben: {error.strerror or error}") from error
    return target


def _download(url: str, file: Path, progress: Progress) -> None:
    """Complete ``file`` from ``url``, taking it up again when the connection breaks.

    :raises ModelError: if the server cannot be reached, has no such file, or the connection keeps breaking.
    """
    failures, reached = 0, False
    while True:
        present = file.stat().st_size if file.exists() else 0
        try:
            if _go_on(url, file, present, progress):
                return
        except requests.HTTPError as error:
            raise ModelError(f"{url}: Der Server antwortet mit {error.response.status_code}.") from error
        except requests.RequestException as error:
            gained = file.exists() and file.stat().st_size > present
            reached = reached or gained
            failures = 0 if gained else failures + 1
            if isinstance(error, requests.ConnectionError) and not reached:
                raise ModelError(
                    f"{url} ist nicht erreichbar: Dieser Rechner hat keine Verbindung dorthin. "
                    f"Laden Sie das Modell anderswo, und entpacken Sie es nach {file.parent}."
                ) from error
            if failures >= _ATTEMPTS:
                raise ModelError(
                    f"{url}: Die Verbindung bricht ab. Der nächste Aufruf setzt fort."
                ) from error


def _go_on(url: str, file: Path, present: int, progress: Progress) -> bool:
    """Fetch what is missing after ``present`` bytes; return whether the file is complete."""
    headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={present}-"} if present else {})}
    with requests.get(url, headers=headers, stream=True, timeout=_TIMEOUT_S) as response:
        if response.status_code == requests.codes.requested_range_not_satisfiable:
            return _size_after_slash(response) == present or _discard(file)
        if response.status_code == requests.codes.not_found:
            raise ModelError(f"{url} gibt es nicht. Bekannt sind: {', '.join(OFFICIAL)}.")
        response.raise_for_status()
        goes_on = response.status_code == requests.codes.partial_content
        done = present if goes_on else 0
        length = response.headers.get("Content-Length")
        total = done + int(length) if length else None
        with file.open("ab" if goes_on else "wb") as out:
            for piece in response.iter_content(1 << 16):  # raises when the connection ends before the length
                out.write(piece)
                done += len(piece)
                progress(done, total)
    return True


def _size_after_slash(response: requests.Response) -> int | None:
    """Return the whole size that a 416 answer names: ``Content-Range: bytes */1234`` (RFC 9110, 14.4)."""
    size = response.headers.get("Content-Range", "").rpartition("/")[2]
    return int(size) if size.isdigit() else None


def _discard(file: Path) -> bool:
    """Drop a part that does not fit what the server has; the download begins anew."""
    file.unlink()
    return False


def _unpack(archive: Path, target: Path) -> None:
    """Unpack ``archive``, whose files lie in one folder, as ``target``.

    :raises zipfile.BadZipFile: if it is damaged, leads outside its folder, or holds no model.
    """
    with zipfile.ZipFile(archive) as content, tempfile.TemporaryDirectory(dir=target.parent) as temporary:
        for entry in content.infolist():
            path = PurePosixPath(entry.filename)
            if path.is_absolute() or ".." in path.parts or "\\" in entry.filename:
                raise zipfile.BadZipFile(f"Der Pfad {entry.filename} führt aus dem Ordner hinaus")
        content.extractall(temporary)  # checks each file's CRC
        model = next(filter(is_model, Path(temporary).iterdir()), None)
        if model is None:
            raise zipfile.BadZipFile("Es enthält kein Vosk-Modell")
        if target.exists():
            shutil.rmtree(target)
        model.rename(target)
