"""The command ``hotline``. Each part of the house brings its own commands; they load when they are called."""

from __future__ import annotations

from importlib import import_module

import click

from hotline.commands import queue_moves

COMMANDS = {
    "call": "hotline.telephony.phone.commands:call",
    "city": "hotline.booking.commands:city",
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


@click.group(cls=_Lazy, help="The city's appointment hotline.")
@click.version_option(package_name="hotline")
@click.pass_context
def main(context: click.Context) -> None:
    """Run one of the commands."""
    # The calendar's commands know no messages; see hotline.booking.commands.
    context.obj = queue_moves
