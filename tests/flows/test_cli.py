"""The command line: documented to the last option, one-sentence errors, exit codes."""

import datetime as dt
import json
import subprocess
import sys
import time

import pytest
import typer

from flows import cli, home, intake, logs
from flows.settings import ZONE


def commands():
    """Every command as the words that call it."""

    def walk(command, words):
        for name, inner in getattr(command, "commands", {}).items():
            yield from walk(inner, (*words, name))
        if not hasattr(command, "commands"):
            yield words, command

    return dict(walk(typer.main.get_command(cli.app), ()))


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_says_what_it_does_with_an_example(words):
    command = commands()[words]
    assert f"Example: xinyan {' '.join(words)}" in command.help
    for option in command.params:
        assert option.help, f"{' '.join(words)}: {option.name} is not explained"


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_takes_a_home(words):
    assert "--home" in {name for option in commands()[words].params for name in option.opts}


def test_help_starts_without_prefect_or_polars():
    code = "import sys; from flows.cli import run; run(['--help']); print({'prefect', 'polars'} & {*sys.modules} or 0)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.splitlines()[-1] == "0"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (
            ("nightly", "--plane"),
            "xinyan: No such option: --plane (Possible options: --plain)\nTry `xinyan nightly --help`.\n",
        ),
        (("nigthly",), "xinyan: No such command 'nigthly'. Did you mean 'nightly'?\nTry `xinyan --help`.\n"),
        (
            ("backfill", "plan", "--from", "2013", "--to", "2013-06", "--reason", "试"),
            "xinyan: --from: '2013'; expected a month such as 2013-06. Correct it and run again.\n",
        ),
        (
            ("sample", "inbox", "--faults", "some"),
            "xinyan: --faults: 'some'; expected all or none. Correct it and run again.\n",
        ),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_code_2(xinyan, arguments, complaint):
    assert xinyan(*arguments) == (2, "", complaint)


@pytest.mark.parametrize(
    "words", [("nightly", "--plain"), ("nightly",), ("status",), ("query", "from x"), ("explain", "x")]
)
def test_a_home_that_is_not_there_is_wrong_use(xinyan, tmp_path, words):
    code, out, err = xinyan(*words, "--home", tmp_path / "none")
    assert (code, out) == (2, "")
    assert err.startswith(f"xinyan: home {tmp_path / 'none'}: no such folder; expected an existing home. Make one with")
    assert not (tmp_path / "none").exists()


def test_settings_that_are_wrong_stop_the_night_before_it_begins(xinyan, tmp_path):
    place = home.create(tmp_path)
    place.settings_file.write_text("[releases]\nkeep = 0\n", encoding="utf-8")
    code, _, err = xinyan("nightly", "--plain", "--home", tmp_path)
    assert code == 2
    assert "releases.keep = 0; expected greater than or equal to 1" in err
    assert not place.warehouse.exists()


def test_a_day_that_is_none_is_wrong_use(xinyan, tmp_path):
    home.create(tmp_path)
    code, _, err = xinyan("nightly", "--plain", "--as-of", "2014-02-30", "--home", tmp_path)
    assert (code, err) == (
        2,
        "xinyan: --as-of: '2014-02-30' is no day; expected a day such as 2014-01-03. Correct it and run again.\n",
    )


def test_a_corrupt_warehouse_is_named(xinyan, tmp_path):
    place = home.create(tmp_path)
    place.warehouse.write_bytes(b"not a database " * 1000)
    code, _, err = xinyan("nightly", "--plain", "--home", tmp_path)
    assert code == 3
    assert f"warehouse {place.warehouse}: cannot be read as a DuckDB file" in err
    assert "Traceback" not in err


def test_status_of_a_new_home_is_fine(xinyan, tmp_path):
    home.create(tmp_path)
    code, out, _ = xinyan("status", "--home", tmp_path, "--json")
    told = json.loads(out)
    assert code == 0
    assert [told[name] for name in ("release", "state_digest", "history_digest", "last_night")] == [None] * 4
    assert told["settings"]["releases.keep"] == "30"


def test_an_empty_night_completes(xinyan, tmp_path):
    home.create(tmp_path)
    code, out, err = xinyan("nightly", "--plain", "--home", tmp_path)
    assert (code, err) == (0, "")
    assert "The inbox is empty: put workbooks there." in out
    assert xinyan("status", "--home", tmp_path)[0] == 0


def test_a_failed_night_shows_in_status(xinyan, tmp_path):
    place = home.create(tmp_path)
    place.warehouse.write_bytes(b"not a database " * 1000)
    xinyan("nightly", "--plain", "--home", tmp_path)
    code, out, _ = xinyan("status", "--home", tmp_path)
    assert code == 1
    assert "failed (WarehouseError)" in out


def test_a_killed_night_shows_in_status_until_a_good_one(xinyan, tmp_path):
    place = home.create(tmp_path)
    code = (
        "import os, sys; from pathlib import Path; from flows.night import begin\n"
        "with begin(Path(sys.argv[1])):\n    print('begun', flush=True)\n    sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"begun\n"
        code, out, _ = xinyan("status", "--home", tmp_path)
        assert (code, "still runs" in out) == (0, True)
        process.kill()
    code, out, _ = xinyan("status", "--home", tmp_path)
    assert code == 1
    assert "PROBLEM  The night of " in out
    assert "was stopped before its end. `xinyan nightly` makes up for it." in out
    assert len(logs.nights(place.logs)) == 1
    time.sleep(1.1)  # a night's log is named by the second it began
    xinyan("nightly", "--plain", "--home", tmp_path)
    assert xinyan("status", "--home", tmp_path)[0] == 0


def test_the_command_of_the_settings_hears_of_a_failure(xinyan, tmp_path):
    place = home.create(tmp_path)
    place.warehouse.write_bytes(b"not a database " * 1000)
    note = tmp_path / "note"
    place.settings_file.write_text(
        f"[schedule]\non_failure = \"sh -c 'echo $XINYAN_FAILURE > {note}'\"\n", encoding="utf-8"
    )
    xinyan("nightly", "--plain", "--home", tmp_path)
    assert "cannot be read as a DuckDB file" in note.read_text(encoding="utf-8")


@pytest.mark.parametrize("words", [("status",), ("query", "select 1"), ("dictionary",), ("explain", "0123456789")])
def test_reading_makes_and_changes_nothing_in_the_home(xinyan, tmp_path, words):
    xinyan("nightly", "--plain", "--home", home.create(tmp_path).root)
    (tmp_path / "returned").rmdir()
    (tmp_path / "reference" / "corrections.toml").unlink()
    before = sorted((path, path.stat().st_mtime_ns, path.stat().st_mode) for path in tmp_path.rglob("*"))
    code, _, err = xinyan(*words, "--home", tmp_path)
    assert code == (2 if words[0] == "explain" else 0), err
    assert sorted((path, path.stat().st_mtime_ns, path.stat().st_mode) for path in tmp_path.rglob("*")) == before


def test_a_home_that_cannot_be_read_is_wrong_use(xinyan, tmp_path, monkeypatch):
    place = home.create(tmp_path)
    monkeypatch.setattr(home.os, "access", lambda path, mode: path != place.releases)
    code, _, err = xinyan("query", "select 1", "--home", tmp_path)
    assert (
        code,
        f"home {tmp_path}: {place.releases} cannot be read; expected a folder this account may read" in err,
    ) == (
        2,
        True,
    )


@pytest.fixture
def released(xinyan, tmp_path):
    """A home with an empty release."""
    home.create(tmp_path)
    xinyan("nightly", "--plain", "--home", tmp_path)
    return tmp_path


def test_json_has_decimals_as_plain_numbers(xinyan, released):
    sql = "select 0::decimal(12,10) as a, [1.1631428571] as b, {'c': -0.5, 'd': null} as s, date '2013-05-02' as e"
    code, out, _ = xinyan("query", sql, "--json", "--home", released)
    told = '[{"a": 0.0000000000, "b": [1.1631428571], "s": {"c": -0.5, "d": null}, "e": "2013-05-02"}]\n'
    assert (code, out) == (0, told)
    assert xinyan("query", "select 0::decimal(12,10) as a", "--home", released)[1] == "a\n0.0000000000\n"


def test_an_original_missing_from_the_archive_is_named(xinyan, tmp_path):
    place = home.create(tmp_path)
    receipt = intake.Receipt(dt.datetime(2014, 1, 2, tzinfo=ZONE), "2014-01-02/表.xlsx", "ab" * 32, 3)
    place.receipts.write_text(receipt.as_line() + "\n", encoding="utf-8")
    code, _, err = xinyan("nightly", "--plain", "--home", tmp_path)
    assert (code, err) == (
        3,
        f"xinyan: archive {place.archived('ab' * 32)}: the original cannot be found"
        " (No such file or directory); expected every file that archive/receipts.jsonl lists."
        " Restore it from the backup of the home, or put the same file into the inbox again, and run again.\n",
    )
