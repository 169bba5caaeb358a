"""Settings of a home: `reference/settings.toml`; an environment variable such as XINYAN_RELEASES__KEEP wins."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from flows.errors import UserError

ZONE = ZoneInfo("Asia/Shanghai")
"""The district's time: days of receipt, the schedule, the journal."""

DEFAULT_HOME = Path("xinyan-home")


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Schedule(_Section):
    """When the night runs, when it counts as late, and whom to tell."""

    cron: str = "30 1 * * *"
    late_after: dt.time = dt.time(6, 0)
    on_failure: str = ""

    @field_validator("cron")
    @classmethod
    def _five_fields(cls, value: str) -> str:
        if len(value.split()) != 5:
            raise ValueError("expected five fields: minute hour day month weekday, such as 30 1 * * *")
        return value


class Releases(_Section):
    """How many releases are kept."""

    keep: Annotated[int, Field(ge=1)] = 30


class Report(_Section):
    """Whether nights write the HTML report of a new release."""

    enabled: bool = True


class Limits(_Section):
    """What one file may cost before it is refused."""

    admit_megabytes: Annotated[int, Field(ge=1)] = 500
    file_megabytes: Annotated[int, Field(ge=1, le=1000)] = 50
    unzipped_megabytes: Annotated[int, Field(ge=1, le=100_000)] = 256
    cells_per_file: Annotated[int, Field(ge=1)] = 1_000_000
    seconds_per_file: Annotated[float, Field(gt=0, le=3600)] = 25
    memory_megabytes: Annotated[int, Field(ge=512)] = 1536
    workers: Annotated[int, Field(ge=0, le=64)] = 0
    files_per_batch: Annotated[int, Field(ge=1)] = 100


class Consent(_Section):
    """When a building counts as agreeing."""

    threshold_ratio: Annotated[float, Field(gt=0, le=1)] = 0.9


class Calendar(_Section):
    """Days that differ from the built-in calendar of working days."""

    extra_holidays: tuple[dt.date, ...] = ()
    extra_workdays: tuple[dt.date, ...] = ()


class Settings(BaseSettings):
    """Everything that may differ between two homes."""

    model_config = SettingsConfigDict(
        env_prefix="XINYAN_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        nested_model_default_partial_update=True,
    )

    schedule: Schedule = Schedule()
    releases: Releases = Releases()
    report: Report = Report()
    limits: Limits = Limits()
    consent: Consent = Consent()
    calendar: Calendar = Calendar()
    expected_filers: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file (which is passed as keyword arguments)."""
        return env_settings, init_settings


def load(path: Path) -> Settings:
    """The settings of a home; defaults where the file says nothing. Raises `UserError` naming what is wrong."""
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except tomllib.TOMLDecodeError as error:
        raise _wrong(path, f"not TOML ({error})", "lines such as keep = 30") from None
    except UnicodeDecodeError:
        raise _wrong(path, "not UTF-8 text", "UTF-8") from None
    except OSError as error:
        raise _wrong(path, f"cannot be read ({error.strerror})", "a file this account may read") from None
    try:
        return Settings(**written)
    except ValidationError as error:
        raise _wrong(path, *_first_fault(error)) from None


def as_lines(settings: Settings) -> Iterable[tuple[str, str]]:
    """Every setting in force as (name, value), for `xinyan status`."""
    for section, values in settings.model_dump(mode="json").items():
        for name, value in values.items():
            yield f"{section}.{name}", value if isinstance(value, str) else _plain(value)


def _plain(value: Any) -> str:
    return "[" + ", ".join(map(str, value)) + "]" if isinstance(value, list) else str(value)


def _wrong(path: Path, found: str, expected: str) -> UserError:
    return UserError(f"settings {path}", found, expected, "Correct the file and run again.")


def _first_fault(error: ValidationError) -> tuple[str, str]:
    fault = error.errors(include_url=False)[0]
    place = [str(part) for part in fault["loc"]]
    if fault["type"] == "extra_forbidden":
        return f"{'.'.join(place)} is not a setting", f"one of {_names_beside(place)}"
    message = fault["msg"].removeprefix("Value error, ")
    expected = message.removeprefix("Input should be ").removeprefix("expected ")
    return f"{'.'.join(place)} = {fault.get('input')!r}", expected


def _names_beside(place: list[str]) -> str:
    if len(place) == 1:
        return ", ".join(Settings.model_fields)
    section = Settings.model_fields[place[0]].annotation
    return ", ".join(section.model_fields) if isinstance(section, type) and issubclass(section, BaseModel) else "text"
