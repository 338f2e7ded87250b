"""Languages of titles (ISO 639-1), and the codes of states (ISO 3166) that people write for them."""

from collections.abc import Collection

from readmission.table_import.table_errors import CellError

_CODES = frozenset(
    (
        "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el "
        "en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it "
        "iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt "
        "my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl "
        "sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo "
        "za zh zu"
    ).split()
)
# States whose code is no code of a language, and the language that is meant by it.
_OF_STATES = {
    "al": "sq", "at": "de", "by": "be", "cn": "zh", "cz": "cs", "dk": "da", "gb": "en", "ge": "ka", "gr": "el",
    "il": "he", "ir": "fa", "jp": "ja", "md": "ro", "me": "sr", "rs": "sr", "ua": "uk", "us": "en", "vn": "vi",
}  # fmt: skip
# Codes of states that are codes of other languages too: the state (alpha-3), what is meant for its texts, and the
# states (alpha-3) that do write the other language.
_DOUBTFUL = {
    "ae": ("ARE", "ar", ""), "af": ("AFG", "ps or fa", "ZAF"), "am": ("ARM", "hy", "ETH"),
    "ar": ("ARG", "es", ""), "as": ("ASM", "en", ""), "ba": ("BIH", "bs, hr or sr", ""),
    "be": ("BEL", "nl, fr or de", "BLR"), "bi": ("BDI", "fr", "VUT"), "bm": ("BMU", "en", ""),
    "bn": ("BRN", "ms or en", "BGD"), "bo": ("BOL", "es", ""), "br": ("BRA", "pt", ""),
    "bs": ("BHS", "en", "BIH"), "ca": ("CAN", "en or fr", "AND ESP"), "ch": ("CHE", "de, fr or it", ""),
    "co": ("COL", "es", ""), "cr": ("CRI", "es", ""), "cu": ("CUB", "es", ""), "cv": ("CPV", "pt", ""),
    "cy": ("CYP", "el", "GBR"), "dz": ("DZA", "ar or fr", "BTN"), "ee": ("EST", "et", "GHA TGO"),
    "et": ("ETH", "am or en", "EST"), "ga": ("GAB", "fr", "IRL"), "gd": ("GRD", "en", ""),
    "gn": ("GIN", "fr", "PRY"), "ie": ("IRL", "en or ga", ""), "io": ("IOT", "en", ""),
    "kg": ("KGZ", "ky or ru", "COD COG"), "ki": ("KIR", "en", ""), "km": ("COM", "fr or ar", "KHM"),
    "kn": ("KNA", "en", "IND"), "kr": ("KOR", "ko", ""), "kw": ("KWT", "ar", ""), "ky": ("CYM", "en", "KGZ"),
    "la": ("LAO", "lo", "VAT"), "lb": ("LBN", "ar", "LUX"), "li": ("LIE", "de", ""),
    "lu": ("LUX", "fr or de", "COD"), "ml": ("MLI", "fr", ""), "mr": ("MRT", "ar or fr", ""),
    "ms": ("MSR", "en", "MYS BRN"), "my": ("MYS", "ms or en", "MMR"), "na": ("NAM", "en", "NRU"),
    "ne": ("NER", "fr", "NPL"), "ng": ("NGA", "en", ""), "nr": ("NRU", "en or na", ""),
    "om": ("OMN", "ar", "ETH"), "pa": ("PAN", "es", "PAK IND"), "ps": ("PSE", "ar", "AFG"),
    "sa": ("SAU", "ar", ""), "sc": ("SYC", "en or fr", ""), "sd": ("SDN", "ar", "PAK"),
    "se": ("SWE", "sv", ""), "sg": ("SGP", "en", "CAF"), "si": ("SVN", "sl", "LKA"),
    "sl": ("SLE", "en", "SVN"), "sn": ("SEN", "fr", "ZWE"), "sr": ("SUR", "nl", "SRB BIH MNE XKX"),
    "ss": ("SSD", "en", "SWZ ZAF"), "st": ("STP", "pt", "LSO ZAF"), "sv": ("SLV", "es", "SWE FIN"),
    "tg": ("TGO", "fr", "TJK"), "tl": ("TLS", "pt", "PHL"), "tn": ("TUN", "ar or fr", "BWA ZAF"),
    "tw": ("TWN", "zh", "GHA"), "ug": ("UGA", "en", ""), "uk": ("GBR", "en", "UKR"),
    "ve": ("VEN", "es", "ZAF"), "za": ("ZAF", "en", ""),
}  # fmt: skip
# Languages in which no state writes its treaties: their code always means the state.
_UNWRITTEN = frozenset(
    "ae ba bm bo br ch co cr cu cv gd ie io ki kr kw li ml mr ng nr sa sc se ug za".split()
)


def language(text: str) -> str:
    """Return an ISO 639-1 code; raises CellError otherwise."""
    code = text.lower()
    if code in _CODES:
        return code
    what = f"{text[:40]!r} is no two-letter code of a language"
    raise CellError(what, f"write {_OF_STATES.get(code, 'de, fr, bg or the like')} (ISO 639-1)")


def refuse_code_of_state(code: str, states: Collection[str]) -> None:
    """Raise CellError for the code of a language that no side writes, when it is the code of a state.

    ``states`` are those of both sides, by alpha-3 code.
    """
    state, meant, writers = _DOUBTFUL.get(code, ("", "", ""))
    written = any(writer in states for writer in writers.split())
    if code in _UNWRITTEN or (state in states and not written):
        what = f"{code!r} is the code of the state {state}; as the code of a language it means another one"
        raise CellError(what, f"write {meant} (ISO 639-1)")
