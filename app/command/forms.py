"""``./dolbom forms``: print the forms blank and filled, to look at while working on one."""

import argparse
import json
from pathlib import Path

from app.command.place import ROOT, var_folder
from app.command.problem import CommandProblem
from app.documents.catalogue import Form, all_forms
from app.documents.render import Renderer


def add_parser(sub: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the verb."""
    parser = sub.add_parser(
        "forms",
        help="서식",
        description="서식을 빈 것과 채운 것 두 가지 PDF로 만듭니다. 이름이 없으면 모두 만듭니다.",
    )
    parser.add_argument("ids", nargs="*", metavar="서식", help="서식 이름 (예: kium-application)")
    parser.add_argument("--to", type=Path, help="만들 폴더 (기본: 자료 폴더의 forms)")
    parser.add_argument("--list", action="store_true", help="만들지 않고 서식 목록만 봅니다")


def main(args: argparse.Namespace) -> int:
    """Two files per form: ``<id>-blank.pdf`` and, from its sample.json, ``<id>-sample.pdf``."""
    wanted = _chosen(args.ids)
    if args.list:
        for form in wanted:
            print(f"{form.id:28} {form.number or '':10} {form.title}")
        return 0
    folder = args.to or var_folder() / "forms"
    folder.mkdir(parents=True, exist_ok=True)
    renderer = Renderer()
    for form in wanted:
        sample = json.loads((ROOT / "pdf_forms" / form.family / form.id / "sample.json").read_text("utf-8"))
        (folder / f"{form.id}-blank.pdf").write_bytes(renderer.pdf(form.id, None))
        (folder / f"{form.id}-sample.pdf").write_bytes(renderer.pdf(form.id, sample))
        print(f"{form.title} ({form.id})", flush=True)
    print(f"서식 {len(wanted)}개를 {folder}에 만들었습니다.")
    return 0


def _chosen(ids: list[str]) -> list[Form]:
    known = {form.id: form for form in all_forms()}
    if unknown := [name for name in ids if name not in known]:
        raise CommandProblem(f"모르는 서식: {', '.join(unknown)}. 목록은 ./dolbom forms --list로 봅니다.")
    return [known[name] for name in ids] if ids else list(known.values())
