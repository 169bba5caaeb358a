"""A release served to clients over DuckDB's own protocol: they ask, behind a token, and change nothing."""

import duckdb
import pytest

from flows import home as homes
from flows import share
from flows.errors import UserError
from warehouse import sharing

TOKEN = "a-token-for-the-office"


def installed():
    try:
        for name in sharing.EXTENSIONS:
            duckdb.connect(config={"autoinstall_known_extensions": False}).execute(f"load {name}")
    except duckdb.Error:
        return False
    return True


@pytest.fixture
def release(tmp_path):
    path = tmp_path / "000001.duckdb"
    with duckdb.connect(str(path)) as made:
        made.execute("create schema summary; create table summary.visits as select 3 as visits")
        made.execute("create macro summary.visits_as_of(as_of) as table select visits, as_of from summary.visits")
    return path


@pytest.mark.parametrize(
    ("text", "answered"),
    [
        ("from summary.visits", True),
        ("with v as (from summary.visits) select * from v", True),
        ("explain from summary.visits", True),
        ("set threads = 1", False),
        ("create table x as select 1", False),
        ("copy (select 1) to 'x.csv'", False),
        ("select 1; call quack_stop('quack:localhost:9494')", False),
        ("from quack_server_list()", False),
        ("select 1; select 2", False),
        ("select 1;", True),
    ],
)
def test_a_client_may_ask_and_nothing_else(text, answered):
    with duckdb.connect() as connection:
        connection.execute(sharing._ASKS)
        assert connection.execute("select xinyan_asks('session', $text)", {"text": text}).fetchall() == [(answered,)]


@pytest.mark.skipif(installed(), reason="DuckDB's extensions httpfs and quack are installed")
def test_without_the_extensions_it_says_what_to_install(release):
    with pytest.raises(sharing.WarehouseError) as raised:
        sharing.Server(release, "localhost", 9941, TOKEN)
    assert "expected its extensions httpfs and quack, and a free port" in str(raised.value)
    assert "Install them for this version, as in: duckdb.sql('install quack')" in str(raised.value)


def test_a_short_token_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"^XINYAN_TOKEN: 4 characters; expected at least 12"):
        share.run(homes.create(tmp_path / "home"), "localhost", 9941, "1234", print)


@pytest.mark.skipif(not installed(), reason="DuckDB's extensions httpfs and quack are not installed")
def test_clients_read_with_the_token_and_write_nothing(release):
    server = sharing.Server(release, "localhost", 9941, TOKEN)
    try:
        client = duckdb.connect()
        for name in sharing.EXTENSIONS:
            client.execute(f"load {name}")
        with pytest.raises(duckdb.Error, match="Authentication failed"):
            client.execute("attach 'quack:localhost:9941' as other (token 'not-the-token')")
        client.execute(f"attach 'quack:localhost:9941' as release (token '{TOKEN}')")
        asked = "from release.query('select visits from summary.visits_as_of(now())')"
        assert client.execute(asked).fetchall() == [(3,)]
        for text in ("drop table summary.visits", "set threads = 1", "call quack_stop(''quack:localhost:9941'')"):
            with pytest.raises(duckdb.Error, match="Authorization failed"):
                client.execute(f"from release.query('{text}')")
        with pytest.raises(duckdb.Error, match="file system operations are disabled"):
            client.execute("from release.query('from read_csv(''/etc/passwd'')')")
        assert client.execute(asked).fetchall() == [(3,)]
    finally:
        server.close()
