"""What a municipality may decide about papers and uploads."""

from __future__ import annotations

from app.kernel.errors import N_
from app.kernel.parameters import INTEGER, Parameter, register

UPLOAD_MB = Parameter("xx.upload_mb", INTEGER, 10, N_("올릴 수 있는 파일의 크기"), "XX-19", unit="MB")
EXPORT_REASON_ROWS = Parameter(
    "xx.export_reason_rows", INTEGER, 1000, N_("사유를 적어야 하는 출력 건수"), "XX-12", unit="건"
)
ORIGINAL_RETURN_WARN_DAYS = Parameter(
    "gc.original_return_warn_days", INTEGER, 7, N_("원본 반환을 알리는 때"), "GC-25", unit="일"
)

register(UPLOAD_MB, EXPORT_REASON_ROWS, ORIGINAL_RETURN_WARN_DAYS)
