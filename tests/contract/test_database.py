"""The engine: what is written comes back, whatever encoding a PostgreSQL server was set up with."""

import pytest
from sqlalchemy import text

from kb.database import open_engine
from tests.contract.conftest import scratch_postgres

SAID = "Grüße, 日本語, 🎉"


@pytest.mark.postgres
@pytest.mark.parametrize("encoding", ["UTF8", "SQL_ASCII"])
def test_texts_come_back_whatever_encoding_the_server_keeps_them_in(encoding: str) -> None:
    """A server that was installed without a locale keeps SQL_ASCII, which is no encoding at all."""
    with scratch_postgres(encoding) as url:
        engine = open_engine(url)
        with engine.begin() as connection:
            connection.execute(text("create table said (words text)"))
            connection.execute(text("insert into said values (:words)"), {"words": SAID})
            assert connection.execute(text("select words from said")).scalar_one() == SAID
        engine.dispose()
