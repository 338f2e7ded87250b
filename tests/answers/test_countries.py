"""What names of countries promise: the right country or a refusal that says how to mend it; never another country."""

import csv
import random
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from importlib import metadata
from pathlib import Path

import pycountry
import pytest
import yaml
from babel import Locale
from rapidfuzz.distance import OSA

from readmission import dates
from readmission.countries import gazetteer as countries
from readmission.countries import names, spellings
from readmission.countries.gazetteer import (
    LONGEST,
    AmbiguousCountryError,
    FormerStateError,
    Gazetteer,
    LikelySlipError,
    UnknownCountryError,
)
from readmission.engine.embedded import EmbeddedEngine
from readmission.sources.fact_files import Facts
from readmission.table_import import ImportRefusedError, RecordedFacts, importing
from readmission.table_import.columns import NAMES

LANGUAGES = "bg cs da de el en es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv".split()
# Names that more than one country has, and all of these countries; nothing else may be found under two.
SHARED = {"COD COG", "KOR PRK", "VGB VIR", "MAF SXM", "CHN TWN"}
# What another list of names says and ours does not, with the reason.
DIFFERENT = {
    ("GUY", "Guyane"): "French for French Guiana",
    ("GBR", "Norfolk"): "Polish and Croatian for Norfolk Island; the county is no country",
}
NAME = "http://www.w3.org/2004/02/skos/core#"


def spelled() -> Iterator[tuple[str, str]]:
    with Path(__file__).with_name("spellings.csv").open(encoding="utf-8", newline="") as file:
        yield from ((row["means"], row["spelling"]) for row in csv.DictReader(file))


@pytest.fixture(scope="module")
def engine(loaded: Facts) -> EmbeddedEngine:
    return EmbeddedEngine(loaded.store())


@pytest.fixture(scope="module")
def gazetteer(engine: EmbeddedEngine) -> Gazetteer:
    return Gazetteer.of(engine)


@pytest.fixture(scope="module")
def held(engine: EmbeddedEngine) -> list[tuple[str, str]]:
    """Every name held, with the code of its country."""
    query = f"""SELECT DISTINCT ?code (STR(?label) AS ?name) WHERE {{
      ?country <https://w3id.org/eu-readmission/ontology#alpha3> ?code ;
        <{NAME}prefLabel>|<{NAME}altLabel>|<{NAME}hiddenLabel> ?label }}"""
    return [(row["code"], row["name"]) for row in engine.select(query).texts()]


def meaning(gazetteer: Gazetteer, text: str) -> str:
    """Return the code a text is resolved to, the codes a refusal says it may mean, or the empty string."""
    try:
        return gazetteer.find(text).alpha3
    except AmbiguousCountryError as fault:
        return " ".join(sorted(codes(fault)))
    except UnknownCountryError:
        return ""


def codes(fault: UnknownCountryError) -> list[str]:
    return [suggestion[-4:-1] for suggestion in fault.suggestions]


def wrong(gazetteer: Gazetteer, names: Iterable[tuple[str, str]]) -> list[str]:
    """Return the names that are resolved to another country than theirs."""
    return [
        f"{name!r} means {code}, and {found} is found"
        for code, name in names
        if (found := meaning(gazetteer, name)) and code not in found.split() and (code, name) not in DIFFERENT
    ]


# --- right, or refused -----------------------------------------------------------------------------------------


def test_a_spelling_is_understood_or_refused_as_a_coordinator_would(gazetteer: Gazetteer) -> None:
    """The spellings of ISO 3166, the Union's style guide, the United Nations, the World Bank, and of neighbours."""
    failed = [
        f"{spelling!r} means {means or 'nothing we hold'}, and {found or 'nothing'} is found"
        for means, spelling in spelled()
        if (found := meaning(gazetteer, spelling)) != means
    ]
    assert not failed, "\n".join(failed)


def test_the_sure_name_of_a_land_not_held_suggests_no_other(gazetteer: Gazetteer) -> None:
    for spelling in (spelling for means, spelling in spelled() if not means):
        with pytest.raises(UnknownCountryError) as refused:
            gazetteer.find(spelling)
        assert refused.value.suggestions == (), spelling


def test_a_name_of_several_countries_is_refused_with_all_of_them(
    gazetteer: Gazetteer, held: list[tuple[str, str]]
) -> None:
    shared = {found for _, name in held if " " in (found := meaning(gazetteer, name))}
    assert shared == SHARED
    with pytest.raises(AmbiguousCountryError) as refused:
        gazetteer.find("Congo")
    assert str(refused.value) == (
        "'Congo' may mean Congo (COG) or Democratic Republic of the Congo (COD); "
        "write the code of the one that is meant"
    )


def test_no_name_is_the_code_of_another_country(gazetteer: Gazetteer, held: list[tuple[str, str]]) -> None:
    assert not wrong(gazetteer, held)
    assert not wrong(gazetteer, ((code, spellings.key(name)) for code, name in held))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_of_cldr_is_found(gazetteer: Gazetteer, language: str) -> None:
    names = [
        (country.alpha_3, Locale(language).territories[country.alpha_2])
        for country in pycountry.countries
        if country.alpha_2 in Locale(language).territories
    ]
    assert len(names) > 240
    assert not wrong(gazetteer, names)
    assert [name for code, name in names if code not in meaning(gazetteer, name).split()] == []


def test_every_name_of_iso_3166_is_found(gazetteer: Gazetteer) -> None:
    names = [
        (country.alpha_3, name)
        for country in pycountry.countries
        for name in {country.name, *(getattr(country, kind, "") for kind in ("official_name", "common_name"))}
        if name
    ]
    assert not wrong(gazetteer, names)
    assert [name for code, name in names if code not in meaning(gazetteer, name).split()] == []


def test_no_name_of_a_large_list_is_taken_for_another_country(gazetteer: Gazetteer) -> None:
    """Names in three hundred languages, cities, provinces and misspellings: most are refused, and none is wrong."""
    # read without its package, which wants a library in C that is not to be had everywhere
    file = Path(str(metadata.distribution("countrynames").locate_file("countrynames/data.yaml")))
    data = yaml.load(file.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    codes = {str(country.alpha_2): str(country.alpha_3) for country in pycountry.countries}
    codes |= {"ZR": "COD", "XK": "XKX", "EU": "EUU"}
    names = [
        (codes.get(str(short), str(short)), str(name))
        for short, several in data.items()
        for name in several
        if short != "FAIL"  # names on purpose of no country, or of several
    ]
    assert len(names) > 20_000
    assert not wrong(gazetteer, names)


def test_a_name_is_known_again_however_it_is_written(
    gazetteer: Gazetteer, held: list[tuple[str, str]]
) -> None:
    """Other letters of the same name, other blanks, apostrophes and marks change nothing."""
    disguises: tuple[Callable[[str], str], ...] = (
        str.upper, str.lower, str.swapcase,
        lambda name: unicodedata.normalize("NFD", name), lambda name: f"\u00a0{name}\t",
        lambda name: name.replace(" ", "  "), lambda name: name.replace(" ", "\u202f"),
        lambda name: name.replace("-", "\u2010"), lambda name: name.replace("-", " – "),
        lambda name: name.replace("'", "’"), lambda name: name.replace("’", "'"),
        lambda name: name.replace("’", "`").replace("'", "`"), lambda name: name.replace("’", "").replace("'", ""),
        lambda name: f"{name}*", lambda name: f"{name} (*)", lambda name: f"{name} [2]", lambda name: f"{name}¹",
        lambda name: "\u00ad".join(name), lambda name: f"\ufeff{name}", lambda name: f"\u200e{name}\u200f",
        lambda name: name.replace(" and ", " & "), lambda name: name.replace(" & ", " and "),
        lambda name: name.replace("Saint ", "St. "), lambda name: name.replace("Saint ", "St "),
        lambda name: name.replace("Republic", "Rep."),
        lambda name: f"the {name}" if name.startswith(("Rep", "Kingdom", "State")) else name,
    )  # fmt: skip
    chance = random.Random(13)
    lost = []
    for code, name in held:
        for disguise in chance.sample(disguises, 6):
            text = disguise(name)
            if len(text) <= LONGEST and code not in meaning(gazetteer, text).split():
                lost.append(f"{text!r} is {code}, and {meaning(gazetteer, text) or 'nothing'} is found")
    assert not lost, "\n".join(lost[:20])


@pytest.mark.parametrize(
    "form", ["{name}, {kind} of", "{name} ({kind} of)", "{name}, {kind} of the", "{name} {kind} of"]
)
def test_an_official_name_may_be_turned_round(
    gazetteer: Gazetteer, held: list[tuple[str, str]], form: str
) -> None:
    parts = [
        (code, *name.split(" of ")) for code, name in held if name.count(" of ") == 1 and "(" not in name
    ]
    official = [part for part in parts if part[1].endswith(("Republic", "Kingdom", "Principality", "State"))]
    assert len(official) > 120
    for code, kind, name in official:
        text = form.format(name=name.removeprefix("the "), kind=kind)
        assert code in meaning(gazetteer, text).split(), text


# --- how a name was found --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "explanation"),
    [
        ("Niger", ""), ("NER", ""), ("ne", ""), ("EL", ""), ("Republic of the Niger", ""), ("Burma", ""),
        ("Nigéria", ""), ("Kosovo*", ""), ("Nigēra", "Niger (Latvian: Nigēra)"), ("NIGĒRA", "Niger (Latvian: Nigēra)"),
        ("Nige\u0304ra", "Niger (Latvian: Nigēra)"), ("Géorgie", "Georgia (French: Géorgie)"),
        ("Georgie", "Georgia (Dutch: Georgië)"), ("Georgien", "Georgia (Danish, German and Swedish: Georgien)"),
        ("Tuerkei", "Türkiye (German: Türkei)"), ("Nouvelle-Caledonie", "New Caledonia (French: Nouvelle-Calédonie)"),
        ("Maroko", "Morocco (Croatian, Czech and 4 other languages: Maroko)"),
    ],
)  # fmt: skip
def test_a_match_says_in_which_other_language_the_name_was_found(
    gazetteer: Gazetteer, text: str, explanation: str
) -> None:
    assert gazetteer.match(text).explanation == explanation


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("Nigera", "did you mean Nigeria (NGA), or Niger (NER), which is Nigēra in Latvian?"),
        ("Nígera", "did you mean Nigeria (NGA), or Niger (NER), which is Nigēra in Latvian?"),
        ("Toga", "did you mean Tonga (TON), or Togo (TGO), which is Tóga in Irish?"),
    ],
)
def test_a_name_without_its_accents_that_may_be_a_slip_is_refused_with_both(
    gazetteer: Gazetteer, text: str, remedy: str
) -> None:
    with pytest.raises(LikelySlipError) as refused:
        gazetteer.find(text)
    assert str(refused.value) == f"{text!r} is no country or territory in English; {remedy}"
    assert [f"({code})" in remedy for code in codes(refused.value)] == [True, True]


def without_marks(text: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFD", text) if not unicodedata.combining(each))


def test_every_name_is_found_or_refused_with_its_country_with_accents_and_without(
    gazetteer: Gazetteer, held: list[tuple[str, str]]
) -> None:
    texts = {(code, text) for code, name in held for text in (name, without_marks(name))}
    lost = [
        f"{text!r} is {code}, and {meaning(gazetteer, text) or 'nothing'} is found"
        for code, text in sorted(texts)
        if code not in meaning(gazetteer, text).split()
    ]
    assert not lost, "\n".join(lost)


def slips(name: str) -> Iterator[str]:
    """Yield a name with a letter left out, or two letters exchanged."""
    for at in range(1, len(name)):
        before, after = name[:at], name[at + 1 :]
        yield before + after
        yield before + after[:1] + name[at] + after[1:]


def test_a_slip_in_an_english_name_is_never_another_country_without_a_word(
    gazetteer: Gazetteer, engine: EmbeddedEngine
) -> None:
    """Where the slip is a name in another language to the letter, what it was taken for is told."""
    known = {text.casefold() for _, name in names.read(engine) if name.is_english for text in [name.text]}
    silent = []
    for iri, name in names.read(engine):
        if not name.is_english or len(name.text) < 4:  # of three letters most are codes
            continue
        for slip in set(slips(name.text)):
            try:
                match = gazetteer.match(slip)
            except UnknownCountryError:
                continue
            if match.country.iri != iri and not match.explanation and slip.casefold() not in known:
                silent.append(f"{slip!r} for {name.text!r} is {match.country}")
    assert not silent, "\n".join(silent)


# --- suggestions -----------------------------------------------------------------------------------------------


def test_a_slip_is_answered_with_the_name_that_was_meant(gazetteer: Gazetteer) -> None:
    for slip, code in (
        ("Gorgia", "GEO"), ("Nigerria", "NGA"), ("Afgan", "AFG"), ("Azerbaidshan", "AZE"), ("Morrocco", "MAR"),
        ("Bosnia and Herzegowna", "BIH"), ("Kosvo", "XKX"), ("Moldva", "MDA"), ("Pakstan", "PAK"),
        ("Republic of Moldva", "MDA"), ("Tajkistan", "TJK"),
    ):  # fmt: skip
        with pytest.raises(UnknownCountryError) as refused:
            gazetteer.find(slip)
        assert codes(refused.value) == [code], slip
        assert f"({code})?" in str(refused.value)


def test_a_slip_in_any_name_suggests_its_country_or_none(
    gazetteer: Gazetteer, held: list[tuple[str, str]]
) -> None:
    """One letter too many, too few or changed, at random: what is suggested has the right country among it."""
    chance = random.Random(14)
    misled = []
    for code, name in chance.sample(held, 1500):
        at = chance.randrange(1, max(2, len(name)))
        text = name[:at] + chance.choice(("", "x", "e")) + name[at + chance.choice((0, 1)) :]
        if len(spellings.key(text)) < 6 or len(text) > LONGEST:
            continue
        try:
            found = [gazetteer.find(text).alpha3]
        except UnknownCountryError as fault:
            found = codes(fault)
        if found and code not in found:
            misled.append(f"{text!r} for {name!r} ({code}): {', '.join(found)}")
    assert len(misled) <= 3, "\n".join(
        misled
    )  # names a letter apart, such as Iraq and Iran, are there in any list


def test_a_text_longer_than_any_name_is_refused_before_anything_is_compared(
    gazetteer: Gazetteer, held: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spellings, "readings", None)  # would fail if it were asked
    assert max(len(name) for _, name in held) < LONGEST
    with pytest.raises(UnknownCountryError) as refused:
        gazetteer.find("Ge" * 1_000)
    assert "has 2,000 characters, and no name of a country more than 200" in str(refused.value)
    assert len(str(refused.value)) < 250


def test_an_unknown_name_costs_a_few_comparisons(
    gazetteer: Gazetteer, held: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Counted:
        count = 0

        @classmethod
        def distance(cls, one: str, two: str, *, score_cutoff: int) -> int:
            cls.count += 1
            return OSA.distance(one, two, score_cutoff=score_cutoff)

    monkeypatch.setattr(countries, "OSA", Counted)
    most = 0
    for text in ("Sarabadia", "Republic of Nowhere", "Mxxxxxx", "S" * LONGEST, "x", ""):
        Counted.count = 0
        with pytest.raises(UnknownCountryError):
            gazetteer.find(text)
        most = max(most, Counted.count)
    assert most < len(held) / 10


# --- former states ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "heirs"),
    [
        ("Serbia and Montenegro", "SRB MNE"), ("Serbia & Montenegro", "SRB MNE"), ("Serbien und Montenegro", "SRB MNE"),
        ("Serbie-et-Monténégro", "SRB MNE"), ("Federal Republic of Yugoslavia", "SRB MNE"), ("FRY", "SRB MNE"),
        ("Yugoslavia, Federal Republic of", "SRB MNE"), ("State Union of Serbia and Montenegro", "SRB MNE"),
        ("Czechoslovakia", "CZE SVK"), ("former Czechoslovakia", "CZE SVK"), ("Tschechoslowakei", "CZE SVK"),
        ("Československo", "CZE SVK"), ("Tchécoslovaquie", "CZE SVK"), ("CSFR", "CZE SVK"), ("ČSSR", "CZE SVK"),
        ("SFRY", "BIH HRV MKD SRB SVN"), ("Socialist Federal Republic of Yugoslavia", "BIH HRV MKD SRB SVN"),
        ("Soviet Union", "RUS ARM AZE BLR GEO KAZ KGZ MDA TJK TKM UKR UZB"),
        ("U.S.S.R.", "RUS ARM AZE BLR GEO KAZ KGZ MDA TJK TKM UKR UZB"),
        ("UdSSR", "RUS ARM AZE BLR GEO KAZ KGZ MDA TJK TKM UKR UZB"),
        ("USSR (former)", "RUS ARM AZE BLR GEO KAZ KGZ MDA TJK TKM UKR UZB"),
        ("German Democratic Republic", "DEU"), ("East Germany", "DEU"), ("Germany, East", "DEU"), ("GDR", "DEU"),
        ("South Yemen", "YEM"), ("Yemen Arab Republic", "YEM"), ("Republic of Vietnam", "VNM"),
        ("Democratic Republic of Viet Nam", "VNM"), ("United Arab Republic", "EGY SYR"),
    ],
)  # fmt: skip
def test_a_former_state_is_refused_with_those_that_came_after_it(
    gazetteer: Gazetteer, name: str, heirs: str
) -> None:
    with pytest.raises(FormerStateError) as refused:
        gazetteer.find(name)
    assert sorted(codes(refused.value)) == sorted(heirs.split())
    assert f"{name!r} is no state any more: " in str(refused.value)


def test_a_name_of_two_former_states_is_refused_with_both(gazetteer: Gazetteer) -> None:
    for name in ("Yugoslavia", "ex-Yugoslavia", "Jugoslawien", "YUG"):
        with pytest.raises(FormerStateError) as refused:
            gazetteer.find(name)
        assert "broke up in 1991 and 1992" in str(refused.value)
        assert "for Serbia and Montenegro write Serbia (SRB), which continues it" in str(refused.value)


# --- tables ----------------------------------------------------------------------------------------------------

ROW = {
    "european_state": "DEU", "partner": "Tuvalu", "kind": "memorandum-of-understanding", "nature": "non-binding",
    "title": "Vermerk über die Zusammenarbeit", "title_language": "de", "signed": "2004-04-11",
    "source_title": "Press office", "evidence_level": "press",
}  # fmt: skip


@pytest.fixture(scope="module")
def holdings(loaded: Facts) -> RecordedFacts:
    (top,) = {
        path for file in loaded.files if file.name == "graph/countries.ttl" for path in [file.path.parent]
    }
    return RecordedFacts(top)


def taken(holdings: RecordedFacts, folder: Path, **cells: str) -> list[str]:
    """Take a table of one row in, and return the names of what it adds."""
    table = folder / "table.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, NAMES, "")
        writer.writeheader()
        writer.writerow(ROW | cells)
    return [
        iri.rpartition("/")[2]
        for iri in importing.convert(table, holdings, today=dates.today()).added.values()
    ]


@pytest.mark.parametrize(
    ("column", "text", "name"),
    [
        ("partner", "Kosovo*", "deu-xkx-2004"), ("european_state", "EL", "grc-tuv-2004"),
        ("partner", "Moldova, Republic of", "deu-mda-2004"), ("partner", "DR Congo", "deu-cod-2004"),
    ],
)  # fmt: skip
def test_a_table_may_write_a_country_as_the_union_does(
    holdings: RecordedFacts, tmp_path: Path, column: str, text: str, name: str
) -> None:
    assert taken(holdings, tmp_path, **{column: text}) == [name]


@pytest.mark.parametrize(
    ("column", "text", "advice"),
    [
        ("partner", "Serbia and Montenegro",
         "write Serbia (SRB), which continues it, and Montenegro (MNE) only where a source says that the instrument "
         "passed to it; say in status_note that Serbia and Montenegro concluded it"),
        ("european_state", "Czechoslovakia",
         "write Czechia (CZE) or Slovakia (SVK), and only where a source says that the instrument passed to that"),
        ("partner", "Congo", "write the code of the one that is meant"),
        ("partner", "Belgium, Netherlands and Luxembourg", "write a row for each state"),
        ("partner", "Moldova, Repubic of", "did you mean Moldova (MDA)?"),
        ("partner", "Somaliland", "use an ISO 3166-1 code"),
    ],
)  # fmt: skip
def test_a_table_is_told_what_to_write_for_a_name_that_is_refused(
    holdings: RecordedFacts, tmp_path: Path, column: str, text: str, advice: str
) -> None:
    with pytest.raises(ImportRefusedError) as refused:
        taken(holdings, tmp_path, **{column: text})
    (fault,) = refused.value.problems
    assert fault.column == column
    assert advice in fault.remedy
    assert "rdm:concludedWith" in fault.remedy or text not in ("Serbia and Montenegro", "Czechoslovakia")
