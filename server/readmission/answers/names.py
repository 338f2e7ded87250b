"""What things are called: the English name behind an IRI, as the question ``names`` lists it."""

from readmission import questions
from readmission.release import Release


def names(release: Release) -> dict[str, str]:
    """Return the English name of every thing that has one, by its IRI."""
    rows = questions.find("names").run(release.engine, {"language": "en"}, release.gazetteer).texts()
    return {row["thing"]: row["thingName"] for row in rows}
