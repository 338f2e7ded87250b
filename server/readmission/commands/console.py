"""What a console or a file takes of a text: an answer must not break on a letter that a code page lacks."""

import io
import os
import sys


def take_every_letter() -> None:
    """Write text as UTF-8 into files and pipes; on a console of another code page, letters it lacks as escapes.

    An encoding that PYTHONIOENCODING names is kept, with escapes too.
    """
    stated = os.environ.get("PYTHONIOENCODING", "").partition(":")[0]
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            encoding = None if stated or stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="backslashreplace")
