"""The command ``hotline``. Each part of the house brings its own commands; they load when they are called."""

from __future__ import annotations

from importlib import import_module

import click

from hotline.commands import queue_moves

COMMANDS = {
    "call": "hotline.telephony.phone.commands:call",
    "city": "hotline.booking.commands:city",
    "corpus": "hotline.evaluation.commands:corpus",
    "eval": "hotline.evaluation.commands:evaluate",
    "load": "hotline.telephony.phone.commands:load",
    "model": "hotline.speech.commands:model",
    "purge": "hotline.commands:purge",
    "serve": "hotline.commands:serve",
    "sms": "hotline.messages.commands:sms",
    "user": "hotline.desk.commands:user",
}


class _Lazy(click.Group):
    """A group that imports a command's module only when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)  # noqa: S101
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; say in plain words what the operator can mend."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            if told := _in_plain_words(error):
                raise click.ClickException(told) from error
            raise


def _in_plain_words(error: Exception) -> str | None:
    """Return what is wrong with the settings or the database; ``None`` for an error of ours."""
    from pydantic import ValidationError
    from sqlalchemy.exc import OperationalError, ProgrammingError

    from hotline.settings import Settings
    from hotline.yamlfile import german

    if isinstance(error, ValidationError) and error.title == Settings.__name__:
        return "\n".join(
            f"{_variable(problem['loc'][0])}={problem['input']}: {german(problem)}"
            for problem in error.errors()
        )
    if isinstance(error, OperationalError | ProgrammingError):
        return f"Die Datenbank (HOTLINE_DATABASE_URL) fehlt oder hat noch keine Tabellen: {error.orig}"
    return None


def _variable(field: int | str) -> str:
    """Return the environment variable of a setting; Twilio's bear their own names."""
    name = str(field).upper()
    return name if name == field else f"HOTLINE_{name}"


@click.group(cls=_Lazy, help="The city's appointment hotline.")
@click.version_option(package_name="hotline")
@click.pass_context
def main(context: click.Context) -> None:
    """Run one of the commands."""
    # The calendar's commands know no messages; see hotline.booking.commands.
    context.obj = queue_moves
