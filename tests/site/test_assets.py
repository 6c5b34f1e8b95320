"""The front-end build and the addresses it gives to templates."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest

from app.command import assets as build_command
from app.command.assets import BuildError, build, squeeze_css, squeeze_js, token_rules
from app.kernel import assets

KRDS = """
:root { --gray-0: #ffffff; --gray-90: #1e2124;
  --krds-light-color-text-basic: var(--gray-90);
  --krds-high-contrast-color-text-basic: var(--gray-0);
  --krds-light-color-unused: #123456; }
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small tree with our sources and what npm would have put there."""
    sources = {
        "static/src/css/01-base.css": "/* words */\nbody { color: var(--k-text-basic) }\n",
        "static/src/css/02-more.css": "a { margin: 0 }\n",
        "static/src/js/app.js": "// words\n(() => {\n  print('a  b')\n})()\n",
        "static/src/img/logo.svg": "<svg/>",
        f"node_modules/{build_command.TOKENS}": KRDS,
        **{f"node_modules/{path}": f"content of {name}" for name, path in build_command.VENDOR.items()},
    }
    for name, text in sources.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path


def manifest(root: Path) -> dict[str, str]:
    files: dict[str, str] = json.loads((root / "static/dist/manifest.json").read_text("utf-8"))["files"]
    return files


def test_every_file_is_written_hashed_and_compressed_twice(root: Path) -> None:
    assert build(root) is True
    files = manifest(root)
    assert set(files) == {"app.css", "app.js", "logo.svg", *build_command.VENDOR}
    for name in files.values():
        assert re.fullmatch(r"[a-z_]+\.[0-9a-f]{10}\.(css|js|svg)", name)
        plain = (root / "static/dist" / name).read_bytes()
        assert gzip.decompress((root / "static/dist" / f"{name}.gz").read_bytes()) == plain
        assert brotli.decompress((root / "static/dist" / f"{name}.br").read_bytes()) == plain


def test_sheets_are_joined_in_order_under_the_credit(root: Path) -> None:
    build(root)
    css = (root / "static/dist" / manifest(root)["app.css"]).read_text("utf-8")
    assert css.startswith("/*! 색상 토큰: 범정부 UI/UX 디자인 시스템(KRDS), 공공누리 제1유형")
    assert css.endswith("body{color:var(--k-text-basic)}a{margin:0}")
    assert "words" not in css


def test_a_second_build_does_nothing(root: Path) -> None:
    build(root)
    before = {path: path.stat().st_mtime_ns for path in (root / "static/dist").iterdir()}
    assert build(root) is False
    assert {path: path.stat().st_mtime_ns for path in (root / "static/dist").iterdir()} == before


def test_a_change_gives_a_new_name_and_sweeps_the_old_one(root: Path) -> None:
    build(root)
    old = manifest(root)
    (root / "static/src/css/02-more.css").write_text("a { margin: 1px }", "utf-8")
    assert build(root) is True
    new = manifest(root)
    assert new["app.css"] != old["app.css"]
    assert new["app.js"] == old["app.js"]
    left = {path.name for path in (root / "static/dist").glob("app.*.css*")}
    assert left == {new["app.css"] + end for end in ("", ".gz", ".br")}


@pytest.mark.parametrize("end", ["", ".gz", ".br"])
def test_a_lost_file_is_made_again(root: Path, end: str) -> None:
    build(root)
    lost = root / "static/dist" / (manifest(root)["app.css"] + end)
    lost.unlink()
    assert build(root) is True
    assert lost.is_file()


def test_a_broken_manifest_is_made_again(root: Path) -> None:
    build(root)
    (root / "static/dist/manifest.json").write_text("{", "utf-8")
    assert build(root) is True
    assert "app.css" in manifest(root)


def test_missing_packages_are_named_with_their_command(root: Path) -> None:
    (root / "node_modules" / build_command.VENDOR["htmx.js"]).unlink()
    with pytest.raises(BuildError, match="npm ci --ignore-scripts"):
        build(root)


def test_tokens_are_resolved_for_light_and_for_contrast() -> None:
    css = token_rules("p { color: var(--k-text-basic) }", KRDS)
    assert ":root{color-scheme:light;--k-text-basic:#1e2124;}" in css
    assert "@media screen{[data-mode=contrast]{color-scheme:dark;--k-text-basic:#ffffff;}}" in css
    assert "prefers-contrast:more" in css
    assert "unused" not in css


def test_a_colour_krds_does_not_have_stops_the_build() -> None:
    with pytest.raises(BuildError, match="color-text-basik"):
        token_rules("p { color: var(--k-text-basik) }", KRDS)


@pytest.mark.parametrize(
    ("written", "squeezed"),
    [
        ("a { color : red ; }", "a{color:red}"),
        ("a > b, c { margin: 0 auto }", "a>b,c{margin:0 auto}"),
        ("form:has(x :checked) .bulk { top: 0 }", "form:has(x :checked) .bulk{top:0}"),
        ("a { width: calc(100vh - 2rem) }", "a{width:calc(100vh - 2rem)}"),
        ("@media (min-width: 64rem) {\n a { b: c }\n}", "@media (min-width: 64rem){a{b:c}}"),
        ("/* x */ a { b: c } /* y { z } */", "a{b:c}"),
    ],
)
def test_squeezing_a_sheet_keeps_its_meaning(written: str, squeezed: str) -> None:
    assert squeeze_css(written) == squeezed


def test_squeezing_a_script_drops_comments_and_indentation_only() -> None:
    assert squeeze_js("// why\nif (a) {\n    b('  c')  \n\n}\n") == "if (a) {\nb('  c')\n}"


@pytest.fixture
def dist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(assets, "DIST", tmp_path)
    assets._manifest.cache_clear()
    yield tmp_path
    assets._manifest.cache_clear()


def test_asset_url_reads_the_manifest_once(dist: Path) -> None:
    (dist / "manifest.json").write_text('{"inputs": "", "files": {"app.css": "app.0123456789.css"}}', "utf-8")
    assert assets.asset_url("app.css") == "/static/app.0123456789.css"
    (dist / "manifest.json").unlink()
    assert assets.asset_url("app.css") == "/static/app.0123456789.css"


def test_asset_url_refuses_an_unknown_name(dist: Path) -> None:
    (dist / "manifest.json").write_text('{"inputs": "", "files": {}}', "utf-8")
    with pytest.raises(LookupError, match=r"app\.cs"):
        assets.asset_url("app.cs")


def test_asset_url_without_a_build_says_what_to_run(dist: Path) -> None:
    with pytest.raises(RuntimeError, match=r"python -m app\.command\.assets"):
        assets.asset_url("app.css")


@pytest.fixture(scope="module")
def real() -> Path:
    """The real build; made now if it is not up to date."""
    if not (build_command.ROOT / "node_modules").is_dir():
        pytest.skip("node_modules가 없어요: npm ci --ignore-scripts")
    build()
    return build_command.ROOT / "static" / "dist"


# Bytes on the wire: a first visit on a slow line has room for 25 KB with page and headers.
@pytest.mark.parametrize(
    ("name", "most"), [("app.css", 5120), ("app.js", 2048), ("sign.js", 1024), ("logo.svg", 512)]
)
def test_our_own_files_stay_small(real: Path, name: str, most: int) -> None:
    hashed = json.loads((real / "manifest.json").read_text("utf-8"))["files"][name]
    assert (real / f"{hashed}.br").stat().st_size <= most


def test_the_real_sheet_loads_nothing_from_elsewhere(real: Path) -> None:
    hashed = json.loads((real / "manifest.json").read_text("utf-8"))["files"]["app.css"]
    css = (real / hashed).read_text("utf-8")
    assert "@import" not in css
    assert "url(" not in css
    used = set(re.findall(r"var\((--[\w-]+)\)", css))
    assert used <= set(re.findall(r"(--[\w-]+):", css))
