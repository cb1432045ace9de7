"""``hotline user``: the accounts of the desk."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from hotline.desk.accounts import Accounts

ROLES = ("agent", "lead", "admin")


@click.group(help="The accounts of the agents' desk.")
def user() -> None:
    """Do something with accounts."""


@user.command("add", help="Make an account; asks for the password.")
@click.argument("name")
@click.option("--full-name", prompt="Voller Name", help="As colleagues see it.")
@click.option("--role", type=click.Choice(ROLES), default="agent", show_default=True)
@click.option("--phone", default="", help="Where the agent's telephone rings: a number, or client:NAME.")
@click.option("--link", is_flag=True, help="No password; print a one-time link instead.")
def add(name: str, full_name: str, role: str, phone: str, link: bool) -> None:
    """Make an account."""
    from hotline.desk.tables import Role

    accounts, url = _accounts()
    password = None if link else _ask_password()
    with _german():
        accounts.add(name, full_name, Role(role), _phone(phone) or "", password)
        click.echo(f"Konto „{name}“ ist angelegt.")
        if link:
            click.echo(f"Einmal-Link: {url}/desk/enter/{accounts.link(name)}")


@user.command("change", help="Change an account and sign it out.")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES))
@click.option("--phone", help="Where it rings: a number, or client:NAME; empty: nowhere.")
@click.option("--password", "new_password", is_flag=True, help="Ask for a new password.")
@click.option("--lock/--unlock", default=None, help="Let nobody in under this name, or again.")
def change(name: str, role: str | None, phone: str | None, new_password: bool, lock: bool | None) -> None:
    """Change an account."""
    from hotline.desk.tables import Role

    accounts, _ = _accounts()
    with _german():
        accounts.change(
            name,
            password=_ask_password() if new_password else None,
            phone=_phone(phone),
            role=Role(role) if role else None,
            active=None if lock is None else not lock,
        )
        click.echo(f"Konto „{name}“ ist geändert.")


@user.command("link", help="Print a link that signs somebody in, once.")
@click.argument("name")
def link(name: str) -> None:
    """Print a one-time link."""
    accounts, url = _accounts()
    with _german():
        click.echo(f"{url}/desk/enter/{accounts.link(name)}")


@user.command("list", help="List all accounts.")
def list_() -> None:
    """List all accounts."""
    import sqlalchemy as sa
    from rich.console import Console
    from rich.table import Table

    from hotline.desk.tables import User

    accounts, _ = _accounts()
    table = Table("Name", "Voller Name", "Rolle", "Telefon", "gesperrt")
    with accounts.database.reading() as session:
        for one in session.scalars(sa.select(User).order_by(User.name)):
            table.add_row(one.name, one.full_name, one.role, one.phone, "" if one.active else "ja")
    Console().print(table)


def _accounts() -> tuple[Accounts, str]:
    import datetime as dt

    from hotline.desk.accounts import Accounts
    from hotline.settings import Settings
    from hotline.storage import Database

    settings = Settings()
    database = Database(settings.database_url)
    database.upgrade()
    return Accounts(database, lambda: dt.datetime.now(dt.UTC)), settings.public_url


def _ask_password() -> str:
    return str(click.prompt("Passwort", hide_input=True, confirmation_prompt="Noch einmal"))


def _phone(text: str | None) -> str | None:
    from hotline.messages import normalise

    if not text or re.fullmatch(r"client:\w{1,256}", text, re.ASCII):
        return text
    number = normalise(text)
    if number is None:
        raise click.ClickException(f"„{text}“ ist keine Telefonnummer und kein „client:NAME“.")
    return number


class _german:  # noqa: N801  reads as a phrase
    """Turns an account's error into the command's."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        from hotline.desk.accounts import AccountError

        if isinstance(error, AccountError):
            raise click.ClickException(str(error)) from error
