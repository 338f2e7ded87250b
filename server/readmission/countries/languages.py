"""The English names of the languages that names of countries are held in: the official languages of the Union."""

from collections.abc import Iterable

_NAMES = {
    "bg": "Bulgarian", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "en": "English",
    "es": "Spanish", "et": "Estonian", "fi": "Finnish", "fr": "French", "ga": "Irish", "hr": "Croatian",
    "hu": "Hungarian", "it": "Italian", "lt": "Lithuanian", "lv": "Latvian", "mt": "Maltese", "nl": "Dutch",
    "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "sk": "Slovak", "sl": "Slovenian", "sv": "Swedish",
}  # fmt: skip
_SHOWN = 3


def listed(codes: Iterable[str]) -> str:
    """Return languages by their English names, such as ``Danish, German and Swedish``; of more than three, two."""
    names = sorted(_NAMES.get(code, code) for code in codes)
    if len(names) > _SHOWN:
        names = [*names[: _SHOWN - 1], f"{len(names) - _SHOWN + 1} other languages"]
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
