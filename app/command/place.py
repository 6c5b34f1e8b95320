"""Where this checkout and its data folder lie."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def var_folder() -> Path:
    """Keys, files, logs, the private database; DOLBOM_VAR or ``var`` in the checkout."""
    folder = Path(os.environ.get("DOLBOM_VAR") or ROOT / "var").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return folder
