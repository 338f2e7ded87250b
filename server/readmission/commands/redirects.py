"""The file that w3id.org keeps for our IRIs: every path goes on to the same path of the server that answers."""

import argparse

from readmission.errors import UserError
from readmission.namespaces import BASE

_RULES = """\
# {base} is answered by {server}
Options +FollowSymLinks
RewriteEngine on
RewriteRule ^(.*)$ {server}/$1 [R=302,NE,L]
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("server", help="the address of the server, such as https://readmission.example.eu")


def run(arguments: argparse.Namespace) -> int:
    """Print the file, which belongs at w3id.org as eu-readmission/.htaccess (https://github.com/perma-id/w3id.org)."""
    print(rules(arguments.server), end="")
    return 0


def rules(server: str) -> str:
    """Return the text of the file; raises UserError where the server's address is none."""
    if not server.startswith(("https://", "http://")) or any(each in server for each in " $\\\n?#"):
        raise UserError(f"{server} is no address of a server; write it as https://readmission.example.eu")
    return _RULES.format(base=BASE, server=server.rstrip("/"))
