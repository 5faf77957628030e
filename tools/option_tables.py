"""What `fodder --tables` says: the commands and their options, as the parser and --help know them."""

import dataclasses
import subprocess


@dataclasses.dataclass
class Option:
    name: str
    letter: str
    value: str  # what --help calls its value; empty for a switch
    optional: bool  # the value may be left out
    words: list  # what its value may be, where that is a list
    help: str

    def takes(self):
        """What its value is: "words", "folder", "file", "text", or None for a switch."""
        if not self.value:
            return None
        return "words" if self.words else {"DIR": "folder", "FILE": "file", "PATH": "file"}.get(self.value, "text")


@dataclasses.dataclass
class Command:
    name: str
    arguments: str
    summary: str
    options: list

    def takes_files(self):
        return "PATH" in self.arguments or "DIR" in self.arguments


def read(fodder):
    """{name: Command}, in the command's own order."""
    commands = {}
    for line in subprocess.run([fodder, "--tables"], check=True, capture_output=True, text=True).stdout.splitlines():
        kind, command, *fields = line.split("\t")
        if kind == "command":
            commands[command] = Command(command, *fields, [])
        else:
            name, letter, value, optional, words, text = fields
            commands[command].options.append(Option(name, letter, value, optional == "optional", words.split(), text))
    return commands
