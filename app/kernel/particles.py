"""Korean particles after a word that is filled in: 하늘이(가) → 하늘이, 윤아을(를) → 윤아를.

Sentences are written with both forms, as an office writes a blank form; here the one that fits the word remains.
"""

from __future__ import annotations

import re

PAIRS = {
    "은(는)": ("은", "는"),
    "이(가)": ("이", "가"),
    "을(를)": ("을", "를"),
    "와(과)": ("과", "와"),
    "(으)로": ("으로", "로"),
    "(이)나": ("이나", "나"),
    "(이)라": ("이라", "라"),
}
"""As written → after a final consonant, without one."""
_WRITTEN = re.compile("|".join(map(re.escape, PAIRS)))
_CLOSING = "’”'\"」』>"
_DIGITS = {"0": "ㅇ", "1": "ㄹ", "3": "ㅁ", "6": "ㄱ", "7": "ㄹ", "8": "ㄹ"}
"""영, 일, 삼, 육, 칠, 팔 end in a consonant; 이, 사, 오, 구 do not."""
_LETTERS = {"l": "ㄹ", "m": "ㅁ", "n": "ㄴ", "r": "ㄹ"}
"""엘, 엠, 엔, 알: a word of Latin letters is heard by its last one."""


def settled(text: str) -> str:
    """Every particle that is written in both forms in the one that fits the word before it.

    A note in brackets is not heard (24일(화)은 → 은); without a word before it, or where nobody can tell, both stay.
    """
    return _WRITTEN.sub(lambda found: _fitting(text[: found.start()], found[0]), text)


def _fitting(before: str, written: str) -> str:
    final = _final(before)
    if final is None:
        return written
    with_consonant, without = PAIRS[written]
    light = final == "" or (final == "ㄹ" and written == "(으)로")
    return without if light else with_consonant


def _final(before: str) -> str | None:
    """The final consonant one hears (any name for one; ㄹ is ㄹ), "" for none, None where it cannot be told."""
    heard = before.rstrip(_CLOSING)
    while heard.endswith(")") and "(" in heard:
        heard = heard[: heard.rindex("(")].rstrip(_CLOSING)
    last = heard[-1:]
    if "가" <= last <= "힣":
        number = (ord(last) - ord("가")) % 28
        return "" if number == 0 else "ㄹ" if number == 8 else "받침"
    if last.isascii() and last.isdigit():
        return _DIGITS.get(last, "")
    if last.isascii() and last.isalpha():
        return _LETTERS.get(last.lower(), "")
    return None
