import pytest

from drift_core import InputError, SettingError, open_history
from drift_core.history.database import find_place

SECRET = "hunter2"  # noqa: S105


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://ada:{SECRET}@db.example:5433/canary",
        f"postgresql+psycopg://ada:{SECRET}@db.example:5433/canary",
        f"postgres://ada:{SECRET}@db.example:5433/canary",
        f"postgresql://ada:{SECRET}@db.example:5433/canary?sslmode=require&sslpassword={SECRET}",
    ],
)
def test_a_database_is_shown_without_its_password(url):
    place = find_place(url)

    assert place.shown == "postgresql://ada:***@db.example:5433/canary"
    assert SECRET not in repr(place)
    assert place.engine.url.drivername == "postgresql+psycopg"


def test_a_password_beside_the_address_is_taken_out_of_what_is_said():
    place = find_place(f"postgresql://db.example/canary?user=ada&password={SECRET}")

    assert place.shown == "postgresql://db.example/canary"
    assert place.without_secrets(f"no such option {SECRET}") == "no such option ***"
    assert SECRET not in repr(place)


@pytest.mark.parametrize("scheme", ["mysql", "sqlite", "https", "postgresql+asyncpg"])
def test_a_url_of_another_kind_is_refused_without_repeating_it(scheme):
    with pytest.raises(
        SettingError, match=rf"postgresql://USER@HOST/DATABASE, found .* {scheme}".replace("+", r"\+")
    ) as e:
        find_place(f"{scheme}://ada:{SECRET}@db.example/canary")

    assert SECRET not in str(e.value)


@pytest.mark.parametrize(
    "address", [f"ada:top@{SECRET}:secret@db/canary", f"ada:top@{SECRET}@db/canary", "db:port/canary"]
)
def test_a_url_that_cannot_be_read_is_refused_without_repeating_it(address):
    with pytest.raises(SettingError, match="cannot be read") as failed:
        find_place(f"postgresql://{address}")

    assert SECRET not in str(failed.value)
    assert failed.value.__cause__ is None


def test_a_server_that_does_not_answer_is_said_without_the_password(tmp_path):
    with pytest.raises(InputError, match=r"could not be opened in postgresql://ada:\*\*\*@/canary: ") as failed:
        open_history(f"postgresql://ada:{SECRET}@/canary?host={tmp_path}")

    assert SECRET not in str(failed.value)
    assert "sqlalche.me" not in str(failed.value)


def test_a_wrong_option_is_said_without_the_password(tmp_path):
    with pytest.raises(InputError, match="could not be opened") as failed:
        open_history(f"postgresql://ada:{SECRET}@/canary?host={tmp_path}&sslmode={SECRET}&password={SECRET}")

    assert SECRET not in str(failed.value)


def test_a_database_that_is_not_there_is_said(postgresql):
    with pytest.raises(InputError, match='database "nowhere" does not exist'):
        open_history(f"postgresql://postgres:{SECRET}@/nowhere?host={postgresql}")


@pytest.mark.parametrize(
    "url",
    [f"postgresql:/ada:{SECRET}@db/canary", f"postgresql//ada:{SECRET}@db/canary", f"ada:{SECRET}@db/canary"],
)
def test_a_url_with_a_slip_is_refused_without_repeating_it(url):
    with pytest.raises(SettingError, match="cannot be read") as refused:
        find_place(url)

    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("path", ["canary.db", "folder/postgresql.db", "/a/b@c/canary.db", "postgres"])
def test_other_names_are_files(path):
    assert find_place(path).path is not None
