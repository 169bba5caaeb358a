"""Settings: what is wrong is named, with what would be right."""

import tomllib
from importlib.resources import files

import pytest

from flows import settings
from flows.errors import UserError


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch):
    monkeypatch.delenv("XINYAN_REPORT__ENABLED", raising=False)  # as the other tests have it


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "settings.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_no_file_gives_the_defaults(tmp_path):
    assert settings.load(tmp_path / "none.toml") == settings.Settings()


def test_the_commented_file_shows_every_setting_with_its_default():
    text = (files("flows") / "home_files" / "settings.toml").read_text(encoding="utf-8")
    shown = tomllib.loads(text)
    defaults = settings.Settings().model_dump(mode="json")
    defaults["schedule"]["late_after"] = defaults["schedule"]["late_after"][:5]
    assert shown == defaults
    assert all("#" in line for line in text.splitlines() if " = " in line)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (
            "[releases]\nkep = 3\n",
            "releases.kep is not a setting; expected one of keep. Correct the file and run again.",
        ),
        (
            "[release]\nkeep = 3\n",
            "release is not a setting; expected one of schedule, releases, report, limits, consent, calendar, "
            "expected_filers. Correct the file and run again.",
        ),
        (
            "[releases]\nkeep = 0\n",
            "releases.keep = 0; expected greater than or equal to 1. Correct the file and run again.",
        ),
        (
            '[schedule]\ncron = "nightly"\n',
            "schedule.cron = 'nightly'; expected five fields: minute hour day month weekday, such as 30 1 * * *. "
            "Correct the file and run again.",
        ),
        (
            "[releases\n",
            "not TOML (Expected ']' at the end of a table declaration (at line 1, column 10)); "
            "expected lines such as keep = 30. Correct the file and run again.",
        ),
    ],
)
def test_a_wrong_line_is_named(written, text, error):
    path = written(text)
    with pytest.raises(UserError) as raised:
        settings.load(path)
    assert str(raised.value) == f"settings {path}: {error}"


def test_the_environment_wins_over_the_file(written, monkeypatch):
    path = written("[releases]\nkeep = 3\n")
    assert settings.load(path).releases.keep == 3
    monkeypatch.setenv("XINYAN_RELEASES__KEEP", "7")
    assert settings.load(path).releases.keep == 7


def test_other_variables_of_the_same_prefix_are_no_settings(written, monkeypatch):
    monkeypatch.setenv("XINYAN_HOME", "/somewhere")
    assert settings.load(written("")) == settings.Settings()
