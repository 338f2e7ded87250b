"""The files of the site's look, read once: a worker, which answers for them, can open none."""

from mimetypes import guess_type
from pathlib import Path

from flask import Flask, Response, request

from readmission.web.http.headers import cache_control
from readmission.web.http.problems import NotFoundError
from readmission.web.settings import Settings


def register(app: Flask, settings: Settings) -> None:
    """Serve the files of the folder ``static`` under ``/static/``."""
    files = {
        each.name: (each.read_bytes(), guess_type(each.name)[0])
        for each in Path(__file__).with_name("static").iterdir()
        if each.is_file()
    }

    def file(filename: str) -> Response:
        if filename not in files:
            raise NotFoundError(f"there is no file {filename} here")
        body, media_type = files[filename]
        answer = Response(body, content_type=media_type)
        answer.headers["Cache-Control"] = cache_control(settings.max_age)
        answer.add_etag()
        return answer.make_conditional(request)  # type: ignore[return-value]

    app.add_url_rule("/static/<path:filename>", "static", file)
