"""An application that does on request what no application should, for workers to run."""

import os
import sys
import time

from readmission.engine.embedded import EmbeddedEngine
from readmission.workers.messages import Request, Response
from readmission.workers.worker import Responder


def application(engine: EmbeddedEngine, argument: str) -> Responder:
    """Return what answers a request by doing what its path says."""

    def answer(request: Request) -> Response:
        match request.environ["PATH_INFO"]:
            case "/fault":
                raise RuntimeError("no view foresaw this")
            case "/memory":
                return Response(200, [], b"x" * 2**34)
            case "/work":
                end = time.process_time() + float(request.body)
                while time.process_time() < end:
                    pass
            case "/time":
                time.sleep(3600)
            case "/crash":
                os.abort()
            case "/leave":
                sys.exit(0)
            case "/file":
                return Response(200, [], open("/etc/hostname", "rb").read())
        return Response(200, [("Argument", argument)], str(len(engine.store)).encode() + request.body)

    return answer
