"""Reads the one configuration file, and the environment, into settings: all faults at once."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from devices.boards.profiles import Profile, profile_here
from models.did_you_mean import did_you_mean
from vision_app.errors import ConfigError, Fault
from vision_app.machine.fitting import fitted
from vision_app.settings import Settings

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def load(path: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings in a TOML file; relative paths in it start at its folder.

    Raises ConfigError with every fault of the file.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(
            str(path), (Fault("", "no such file; begin with config/example.toml"),)
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(str(path), (Fault("", f"cannot be read: {error}"),)) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(str(path), (Fault("", f"is not valid TOML: {error}"),)) from error
    return complete(parse(raw, str(path)), path.resolve().parent, environ)


def parse(raw: Mapping[str, Any], source: str) -> Settings:
    """Settings from plain values. Raises ConfigError with every fault, each with its path."""
    try:
        return Settings.model_validate(raw)
    except ValidationError as error:
        faults = tuple(_fault(detail) for detail in error.errors(include_url=False))
        raise ConfigError(source, faults) from None


def complete(
    settings: Settings,
    base: Path,
    environ: Mapping[str, str] = os.environ,
    here: Profile | None = None,
) -> Settings:
    """Settings with absolute paths, and with what the environment and the XDG folders say.

    here: what fits the board, where the settings say nothing; default: this machine's.
    """
    anchored: Settings = _anchored(fitted(settings, here or profile_here()), base)
    data = anchored.device.data or data_folder(environ)
    cache = anchored.catalogue.cache or data_folder(environ) / "models"
    source = mirror(environ) or anchored.catalogue.mirror
    spool = anchored.spool.folder or data / "spool"
    store = anchored.model.store or data_folder(environ) / "bundles"
    compiled = anchored.model.runtime.cache or store.parent / "compiled"
    runtime = anchored.model.runtime.model_copy(update={"cache": compiled})
    return anchored.model_copy(
        update={
            "device": anchored.device.model_copy(update={"data": data}),
            "catalogue": anchored.catalogue.model_copy(update={"cache": cache, "mirror": source}),
            "spool": anchored.spool.model_copy(update={"folder": spool}),
            "model": anchored.model.model_copy(update={"store": store, "runtime": runtime}),
        }
    )


def mirror(environ: Mapping[str, str] = os.environ) -> str | None:
    """The folder or URL that is asked first for third-party files, if the environment names one."""
    return environ.get("VISION_APP_MODEL_MIRROR") or None


def data_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where this user's data lies, by the XDG base directory rules."""
    home = environ.get("XDG_DATA_HOME", "")
    base = Path(home) if home.startswith("/") else Path.home() / ".local" / "share"
    return base / "vision-app"


def _anchored(model: Any, base: Path) -> Any:
    """The same settings with every relative path put below base."""
    if isinstance(model, Path):
        return base / model.expanduser()
    if isinstance(model, tuple):
        return tuple(_anchored(item, base) for item in model)
    if not isinstance(model, BaseModel):
        return model
    fields = type(model).model_fields
    update = {name: _anchored(getattr(model, name), base) for name in fields}
    if update.get("kind") == "file":
        update["source"] = str(base / Path(update["source"]).expanduser())
    for key in ("bundle", "model"):
        named = update.get(key)
        if isinstance(named, str) and ("/" in named or named.endswith(".tar")):
            update[key] = str(base / Path(update[key]).expanduser())
    return model.model_copy(update=update)


def _fault(detail: ErrorDetails) -> Fault:
    where, known = _place(detail["loc"])
    if detail["type"] == "extra_forbidden":
        hint = did_you_mean(str(detail["loc"][-1]), known, f"known here: {', '.join(known)}")
        return Fault(where, f"unknown key; {hint}")
    if detail["type"] == "missing":
        return Fault(where, "is missing; write it")
    if detail["type"] == "union_tag_not_found":
        return Fault(f"{where}.kind", "is missing; write it")
    if detail["type"] == "union_tag_invalid":
        return Fault(f"{where}.kind", _no_such_kind(**detail["ctx"]))
    what = detail["msg"].removeprefix("Value error, ").replace("Input should", "should")
    given = detail["input"]
    shown = f" (it is {given!r})" if isinstance(given, str | int | float | bool) else ""
    return Fault(where, what + shown)


def _no_such_kind(tag: str, expected_tags: str, **other: object) -> str:
    kinds = expected_tags.replace("'", "").split(", ")
    return f"there is no {tag!r}; {did_you_mean(tag, kinds, 'there is ' + ', '.join(kinds))}"


def _place(loc: tuple[int | str, ...]) -> tuple[str, list[str]]:
    """The path of a fault as people write it, and the keys that are known where it ends."""
    where, known, models = "", list[str](), settings_in(Settings)
    for step in loc:
        if isinstance(step, int):
            where += f"[{step}]"
        elif len(models) > 1:
            models = [
                model for model in models if step in get_args(model.model_fields["kind"].annotation)
            ]
        else:
            where += f".{step}"
            known = [name for model in models for name in model.model_fields]
            models = [
                m
                for model in models
                if step in known
                for m in settings_in(model.model_fields[step].annotation)
            ]
    return where.lstrip("."), known


def settings_in(annotation: Any) -> list[type[BaseModel]]:
    """The settings classes inside an annotation such as `tuple[X, ...]` or `X | Y | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    found = [model for arg in get_args(annotation) for model in settings_in(arg)]
    return list(dict.fromkeys(found))
