#!/usr/bin/env python3
"""Keeps `locale/` in step with the words of the public pages; needs no other program.

    script/translations.py update    # new words into every .po, gone ones out of them
    script/translations.py compile   # .po → .mo, which are kept, too: nobody needs a compiler
    script/translations.py check     # exit 1 when a word is not translated or a .mo is old

Words are found in the templates and modules of `web/`, in the messages that people get of
`aggregator/` and `reports/`, and in the catalogue: Categories and what can be wrong.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
LANGUAGES = ("de", "es", "fr", "ja", "pt")
ROOMS = ("web", "aggregator", "reports")
# The back office stays English.
ENGLISH = ("admin", "office", "management", "migrations")
CATALOGUE = ROOT / "reports" / "data" / "catalogue.yaml"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
Words = str | tuple[str, ...]


def found() -> dict[Words, str | None]:
    """Every word to translate, a pair where it has a plural, with its context."""
    words: dict[Words, str | None] = {}
    for source in sources():
        for _, message, _, context in extract("python", io.BytesIO(source.encode()), KEYWORDS):
            words[message if isinstance(message, str) else tuple(message)] = context
    return words | dict.fromkeys(catalogue_names())


def sources() -> Iterator[str]:
    """The text of every module and template with words for the public."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*")):
            if path.suffix not in {".py", ".html", ".txt"} or is_english(path):
                continue
            text = path.read_text(encoding="utf-8")
            if path.suffix == ".py":
                yield text
            elif "templates" in path.parts:
                # Indented as the template was, it is no Python.
                yield "\n".join(line.strip() for line in templatize(text).splitlines())


def is_english(path: Path) -> bool:
    """Whether a file's words are for the back office or the shell."""
    return any(part.startswith(ENGLISH) for part in path.relative_to(ROOT).parts)


def catalogue_names() -> list[str]:
    """The names of Categories and problem types in the catalogue that ships."""
    read = yaml.safe_load(CATALOGUE.read_text(encoding="utf-8"))
    names = [one["name"] for one in read["categories"].values()]
    for one in [*read["categories"].values(), *read["services"].values()]:
        names += (one.get("problem_types") or {}).values()
    return list(dict.fromkeys(names))


def catalog(language: str) -> Catalog:
    """A language's catalogue as it stands; an empty one where there is none."""
    path = LOCALE / language / "LC_MESSAGES" / "django.po"
    if not path.exists():
        return Catalog(locale=language, project="Outcry", version="1", fuzzy=False)
    with path.open("rb") as lines:
        return read_po(lines, locale=language)


def updated(language: str) -> Catalog:
    """A language's catalogue with all words there are, and no others."""
    old = catalog(language)
    new = Catalog(
        locale=language, project="Outcry", version="1", fuzzy=False, creation_date=old.creation_date
    )
    new.revision_date = old.creation_date
    for words, context in found().items():
        key = words if isinstance(words, str) else words[0]
        before = old.get(key, context)
        new.add(words, before.string if before else "", context=context)
    return new


def untranslated(language: str) -> list[str]:
    """The words that a language lacks, and those it has for nothing."""
    old, new = catalog(language), updated(language)
    missing = [str(one.id) for one in new if one.id and not is_whole(one)]
    return missing + [
        f"unused: {one.id}" for one in old if one.id and not new.get(one.id, one.context)
    ]


def is_whole(message: Message) -> bool:
    """Whether a message has all its forms."""
    forms = message.string if isinstance(message.string, tuple) else (message.string,)
    return all(forms)


def compiled(language: str) -> bytes:
    """A language's catalogue as the program reads it."""
    made = io.BytesIO()
    write_mo(made, catalog(language))
    return made.getvalue()


def is_stale(language: str) -> bool:
    """Whether what the program reads differs from what was translated."""
    path = LOCALE / language / "LC_MESSAGES" / "django.mo"
    return not path.exists() or path.read_bytes() != compiled(language)


def write(language: str) -> None:
    """Bring a language's words up to date."""
    made = io.BytesIO()
    write_po(made, updated(language), width=100, omit_header=False, sort_output=True)
    path = LOCALE / language / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(made.getvalue())


def main(act: str) -> int:
    """Do what was asked for; 1 when a check finds something."""
    if not settings.configured:
        settings.configure(USE_I18N=True)
    faults = []
    for language in LANGUAGES:
        if act == "update":
            write(language)
        if act in {"update", "compile"}:
            folder = LOCALE / language / "LC_MESSAGES"
            (folder / "django.mo").write_bytes(compiled(language))
        faults += [f"{language}: not translated: {one}" for one in untranslated(language)]
        faults += [f"{language}: run `compile`"] if is_stale(language) else []
    sys.stdout.write("".join(f"{fault}\n" for fault in faults))
    return int(bool(faults) and act == "check")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "check"))
