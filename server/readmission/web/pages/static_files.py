"""The files of the site's look, read once: a worker, which answers for them, can open none."""

from mimetypes import guess_type
from pathlib import Path

from flask import Flask, Response, request

from readmission.web.http.headers import reusable
from readmission.web.http.problems import NotFound
from readmission.web.settings import Settings


def register(app: Flask, settings: Settings) -> None:
    """Serve the files of the folder ``static`` under ``/static/``."""
    held = {
        each.name: (each.read_bytes(), guess_type(each.name)[0])
        for each in Path(__file__).with_name("static").iterdir()
        if each.is_file()
    }

    def file(filename: str) -> Response:
        if filename not in held:
            raise NotFound(f"there is no file {filename} here")
        body, media_type = held[filename]
        answer = Response(body, content_type=media_type)
        answer.headers["Cache-Control"] = reusable(settings.keep_seconds)
        answer.add_etag()
        return answer.make_conditional(request)  # type: ignore[return-value]

    app.add_url_rule("/static/<path:filename>", "static", file)
