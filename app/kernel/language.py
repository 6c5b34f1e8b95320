"""The words of the house are looked up once per process: it speaks one language, whoever asks."""

from __future__ import annotations

from babel.support import NullTranslations, Translations
from flask import Flask
from flask_babel import Babel, Domain


class OneLanguage(Domain):  # type: ignore[misc]
    """The catalogue of the application's own locale, without asking every request which one it wants."""

    def __init__(self, catalogue: NullTranslations) -> None:
        super().__init__()
        self.catalogue = catalogue

    def get_translations(self) -> NullTranslations:
        return self.catalogue


_catalogue: NullTranslations = NullTranslations()


def gettext(text: str, **values: object) -> str:
    """The words in the reader's language; ``%(name)s`` in them is filled in from ``values``."""
    words: str = _catalogue.ugettext(text)
    return words % values if values else words


def speak(app: Flask) -> None:
    """``gettext`` in Python and ``_()`` in templates; Korean is written in the source, a catalogue may correct it."""
    global _catalogue
    babel = Babel(app)
    settings = app.extensions["babel"]
    directory = settings.translation_directories[0]
    catalogue = Translations.load(directory, [settings.default_locale], settings.default_domain)
    _catalogue = catalogue
    babel.domain_instance = OneLanguage(catalogue)
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        catalogue.ugettext, catalogue.ungettext, newstyle=True
    )
