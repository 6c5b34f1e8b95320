"""Build the front end: ``python -m app.command.assets``.

Reads our own sources in ``static/src`` and a few chosen files of ``node_modules`` and writes ``static/dist``: every
file once under a name with its hash, once more as .gz and .br, and ``manifest.json``. WhiteNoise serves that folder;
nothing of Node is needed once it is written. A second run without changes does nothing.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import sys
from pathlib import Path

import brotli

ROOT = Path(__file__).resolve().parents[2]

# What we take from npm: built name → path below node_modules. No other file of a package reaches a visitor.
VENDOR = {
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "signature_pad.js": "signature_pad/dist/signature_pad.umd.min.js",
    "flag.svg": "krds-uiux/resources/img/component/icon/ico_flag.svg",
}
TOKENS = "krds-uiux/resources/css/token/krds_tokens.css"

# The licence of the colour tokens (KOGL type 1) asks for the source to be named.
CREDIT = "/*! 색상 토큰: 범정부 UI/UX 디자인 시스템(KRDS), 공공누리 제1유형 출처표시 */\n"


class BuildError(Exception):
    """The build cannot go on; the message says what to do."""


def build(root: Path = ROOT) -> bool:
    """Bring ``static/dist`` up to date; True if anything was written, False if it already was."""
    dist = root / "static" / "dist"
    digest = _digest(root)
    if _is_current(dist, digest):
        return False
    dist.mkdir(parents=True, exist_ok=True)
    files = {name: _write(dist, name, content) for name, content in _products(root).items()}
    # The manifest comes last and by rename: a build cut short leaves the old one, whose files are still there.
    fresh = dist / "manifest.json.new"
    fresh.write_text(json.dumps({"inputs": digest, "files": files}, indent=1, sort_keys=True), "utf-8")
    fresh.replace(dist / "manifest.json")
    _sweep(dist, set(files.values()))
    return True


def _inputs(root: Path) -> list[Path]:
    own = sorted(path for path in (root / "static" / "src").rglob("*") if path.is_file())
    modules = root / "node_modules"
    taken = [modules / path for path in (*VENDOR.values(), TOKENS)]
    missing = [path for path in taken if not path.is_file()]
    if missing:
        raise BuildError(
            f"npm 파일이 없습니다: {missing[0]}\n{root} 에서 npm ci --ignore-scripts 를 실행해 주세요."
        )
    return [*own, *taken, Path(__file__)]


def _digest(root: Path) -> str:
    whole = hashlib.sha256()
    for path in _inputs(root):
        content = path.read_bytes()
        whole.update(f"{path.name}\0{len(content)}\0".encode())
        whole.update(content)
    return whole.hexdigest()


def _is_current(dist: Path, digest: str) -> bool:
    try:
        manifest = json.loads((dist / "manifest.json").read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return False
    names = [name + end for name in manifest["files"].values() for end in ("", ".gz", ".br")]
    return bool(manifest["inputs"] == digest) and all((dist / name).is_file() for name in names)


def _products(root: Path) -> dict[str, bytes]:
    """Every built file's plain name and content."""
    src, modules = root / "static" / "src", root / "node_modules"
    products = {name: (modules / path).read_bytes() for name, path in VENDOR.items()}
    sheets = "\n".join(path.read_text("utf-8") for path in sorted((src / "css").glob("*.css")))
    few = {path.name: path.read_text("utf-8") for path in sorted((src / "css" / "pages").glob("*.css"))}
    tokens = token_rules("\n".join([sheets, *few.values()]), (modules / TOKENS).read_text("utf-8"))
    products["app.css"] = (CREDIT + squeeze_css(tokens + sheets)).encode()
    products |= {name: squeeze_css(text).encode() for name, text in few.items()}  # for a few pages only
    for path in sorted((src / "js").glob("*.js")):
        products[path.name] = squeeze_js(path.read_text("utf-8")).encode()
    for path in sorted((src / "img").iterdir()):
        products[path.name] = path.read_bytes()
    return products


def token_rules(sheets: str, krds: str) -> str:
    """The rules that define each ``var(--k-NAME)`` our sheets use, from KRDS' own token file.

    ``--k-NAME`` stands for ``--krds-light-color-NAME`` and, in contrast mode (chosen by the person, or asked for by
    the device), for ``--krds-high-contrast-color-NAME``. Raises BuildError for a name that KRDS does not have.
    """
    declared = dict(re.findall(r"(--[\w-]+)\s*:\s*([^;}]+?)\s*[;}]", krds))
    names = sorted(set(re.findall(r"var\(--k-([\w-]+)\)", sheets)))

    def value(token: str) -> str:
        if token not in declared:
            raise BuildError(f"KRDS에 없는 색입니다: {token}")
        found = re.fullmatch(r"var\((--[\w-]+)\)", declared[token])
        return value(found[1]) if found else declared[token]

    def rule(selector: str, mode: str) -> str:
        scheme = "light" if mode == "light" else "dark"
        lines = f"color-scheme:{scheme};" + "".join(
            f"--k-{name}:{value(f'--krds-{mode}-color-{name}')};" for name in names
        )
        return f"{selector}{{{lines}}}"

    # Paper is white: the dark set is for screens only, or a contrast page would print white on white.
    chosen = rule("[data-mode=contrast]", "high-contrast")
    asked = rule(":root:not([data-mode=standard])", "high-contrast")
    return (
        rule(":root", "light")
        + f"@media screen{{{chosen}}}"
        + f"@media screen and (prefers-contrast:more){{{asked}}}\n"
    )


def squeeze_css(text: str) -> str:
    """The same sheet without comments and needless blanks (strings in our sheets hold no runs of blanks)."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"\s*([{};,>])\s*", r"\1", text)
    # A colon is only touched behind a property name: in a selector "a :checked" and "a:checked" differ.
    text = re.sub(r"([{;][\w-]+)\s*:\s*", r"\1:", text)
    return text.replace(";}", "}").strip()


def squeeze_js(text: str) -> str:
    """The same script without comment lines, indentation and empty lines; its statements stay as written."""
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def _write(dist: Path, name: str, content: bytes) -> str:
    stem, _, extension = name.rpartition(".")
    hashed = f"{stem}.{hashlib.sha256(content).hexdigest()[:10]}.{extension}"
    (dist / hashed).write_bytes(content)
    (dist / f"{hashed}.gz").write_bytes(gzip.compress(content, 9, mtime=0))
    (dist / f"{hashed}.br").write_bytes(brotli.compress(content, quality=11))
    return hashed


def _sweep(dist: Path, names: set[str]) -> None:
    """Remove what earlier builds left."""
    wanted = {name + end for name in names for end in ("", ".gz", ".br")} | {"manifest.json"}
    for path in dist.iterdir():
        if path.is_file() and path.name not in wanted:
            path.unlink()


def main() -> int:
    try:
        written = build()
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    print("화면 파일을 새로 만들었습니다." if written else "화면 파일이 최신입니다.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
