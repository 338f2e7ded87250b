"""What else there is at EU level with a country on a date: negotiations, visa measures, joint bodies. None covers."""

import datetime
from dataclasses import dataclass

from readmission import questions
from readmission.answers.statuses import thing
from readmission.release import Release

NEGOTIATION, JOINT_BODY = "negotiation", "joint body"


@dataclass(frozen=True)
class Beside:
    """One thing beside the instruments; days as stated (EDTF); not certain where it is only possible on the day."""

    kind: str
    thing: str
    name: str
    since: str
    last_report: str
    is_certain: bool


def beside(release: Release, country: str, on: datetime.date) -> tuple[Beside, ...]:
    """Return the negotiations, visa measures and joint bodies with a country (alpha-3) on a day, in a stable order."""
    values = {"country": country, "on": on.isoformat()}
    rows = questions.find("eu-level").run(release.engine, values, release.gazetteer).texts()
    return tuple(
        Beside(
            row["kind"],
            thing(row["thing"]),
            row["thingName"],
            row["since"],
            row["lastReport"],
            row["certain"] == "true",
        )
        for row in rows
    )
