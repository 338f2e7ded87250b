"""Which letters a language writes, and whether a text could be one of that language.

Letters are those of the exemplar sets of Unicode CLDR (https://cldr.unicode.org), without A to Z; marks of stress
that appear in dictionaries only are left out.
"""

import re
import unicodedata
from functools import cache

_CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъьюя"
_LETTERS = {
    "bg": _CYRILLIC + "ѝ", "cs": "áčďéěíňóřšťúůýž", "da": "æøåé", "de": "äöüß",
    "el": "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ", "en": "", "es": "áéíñóúü", "et": "äöõüšž", "fi": "åäöšž",
    "fr": "àâæçéèêëîïôœùûüÿ", "ga": "áéíóú", "hr": "čćđšž", "hu": "áéíóöőúüű", "it": "àèéìòóù",
    "lt": "ąčęėįšųūž", "lv": "āčēģīķļņšūž", "mt": "ċġħżàèìòù", "nl": "äèéêëïöü", "pl": "ąćęłńóśźż",
    "pt": "àáâãçéêíóôõú", "ro": "ăâîșțşţ", "sk": "áäčďéíĺľňóôŕšťúýž", "sl": "čšž", "sv": "åäöé",
    "az": "çəğıiöşü", "be": _CYRILLIC + "ёўіыэ", "bs": "čćđšž", "ca": "àçèéíïòóúü", "gl": "áéíñóúü",
    "is": "áéíóúýþæöð", "lb": "äëéöüêâôè", "mk": "абвгдѓежзѕијклљмнњопрстќуфхцчџшѐѝ", "nb": "æøåéòôàê",
    "nn": "æøåéòôàê", "no": "æøåéòôàê", "ru": _CYRILLIC + "ёыэ", "sq": "çë",
    "sr": "абвгдђежзијклљмнњопрстћуфхцчџшčćđšž", "tr": "âçğıiîöşüû", "uk": _CYRILLIC + "ґєії",
}  # fmt: skip

# The class of a character: a A small and capital letters from A to Z; n N those beyond, of the language; 0 digit;
# q closing or opening quotation mark, l low one, p apostrophe, d dash, b no-break space, s sign; x anything else.
_SIGNS = {
    **dict.fromkeys("“”«»‘", "q"), **dict.fromkeys("„‚", "l"), **dict.fromkeys("–—", "d"), "’": "p", "\u00a0": "b",
    **dict.fromkeys("°§€£ªº№", "s"),
}  # fmt: skip
# No text has these: a capital within a word, a letter at a digit, a quotation mark within a word.
_UNSOUND = re.compile(
    "x|[an]N|nA|[AN]n[AN]|[AN]N[an]|0[nN]|[nN]0|[aAnN]q[aAnN]|[aAnN0]l|l(?![aAnN0q])|(?<![aAnN0])p(?![aAnN0])|[aAnN]s[aAnN]"
)
_IRISH = re.compile(r"\b[hnt](?=[ÁÉÍÓÚ])")  # the one exception: na hÉireann
# A text may have these, but so may one whose letters were lost.
_DOUBTFUL = re.compile("[aAnN]d|d[aAnN]|[aAnN]{2}b[aAnN]|s(?! ?0)")


class _Classes(dict[int, str]):
    """The class of every character, worked out when it is first met."""

    def __init__(self, letters: frozenset[str]) -> None:
        self._letters = letters

    def __missing__(self, point: int) -> str:
        letter = chr(point)
        self[point] = found = _SIGNS.get(letter) or self._class(letter)
        return found

    def _class(self, letter: str) -> str:
        if letter.isascii():
            return (
                ("A" if letter.isupper() else "a") if letter.isalpha() else "0" if letter.isdigit() else " "
            )
        if letter.isspace():
            return " "
        if letter in self._letters:
            return "n"
        return "N" if letter.lower() in self._letters and len(letter.lower()) == 1 else "x"


class Alphabet:
    """The letters of one language or of several."""

    def __init__(self, letters: frozenset[str]) -> None:
        self.letters = letters
        self._classes = _Classes(letters)
        self._scripts = {script(letter) for letter in letters} | {"LATIN"}

    def sound(self, text: str) -> bool:
        """Whether a text has only letters of these, where letters and signs can stand."""
        if text.isascii():
            return True
        if not _balanced(text):
            return False
        return not _UNSOUND.search(_IRISH.sub("", text).translate(self._classes))

    def plain(self, text: str) -> bool:
        """Whether a text is sound and has no sign that could stand for a lost letter, but for apostrophes."""
        return self.sound(text) and not _DOUBTFUL.search(text.translate(self._classes))

    def foreign(self, text: str) -> str:
        """Return the first letter of another script than these letters, or the empty string."""
        letters = (each for each in text if each.isalpha() and unicodedata.category(each) != "Lm")
        return next((letter for letter in letters if script(letter) not in self._scripts), "")


def _balanced(text: str) -> bool:
    double = text.count("“") + text.count("”") + text.count("„")
    return double % 2 == 0 and text.count("«") == text.count("»") and text.count("‘") <= text.count("’")


@cache
def script(letter: str) -> str:
    """Return the script of a letter, as the first word of its Unicode name: LATIN, GREEK, CYRILLIC."""
    name = unicodedata.name(letter, "")
    return "LATIN" if letter.isascii() or letter in "ªº" else name.partition(" ")[0]


@cache
def of(*languages: str) -> Alphabet | None:
    """Return the alphabet of languages together; None when the letters of one of them are not known."""
    if not all(language in _LETTERS for language in languages):
        return None
    return Alphabet(frozenset().union(*(_LETTERS[language] for language in languages)))


@cache
def every() -> Alphabet:
    """Return the letters of all languages that are known."""
    return Alphabet(frozenset().union(*_LETTERS.values()))
