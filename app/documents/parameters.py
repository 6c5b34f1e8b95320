"""What a municipality may decide about papers and uploads."""

from __future__ import annotations

from app.kernel.errors import N_
from app.kernel.parameters import INTEGER, POSITIVE, Parameter, register

UPLOAD_MB = Parameter(
    "xx.upload_mb", INTEGER, 10, N_("올릴 수 있는 파일 하나의 가장 큰 크기예요."), "XX-19", unit="MB"
)
EXPORT_REASON_ROWS = Parameter(
    "xx.export_reason_rows",
    INTEGER,
    1000,
    N_("이 건수를 넘겨 출력하거나 내려받으려면 사유를 적어야 해요."),
    "XX-12",
    unit="건",
)
ORIGINAL_RETURN_WARN_DAYS = Parameter(
    "gc.original_return_warn_days",
    INTEGER,
    7,
    N_("종이 원본을 이 날수가 지나도록 돌려주지 않으면 알려요."),
    "GC-25",
    unit="일",
)
SIGN_LINK_DAYS = Parameter(
    "gc.sign_link_days",
    POSITIVE,
    7,
    N_("휴대전화로 보낸 서명 링크를 이 날수 동안 쓸 수 있어요."),
    "GC-24",
    unit="일",
)
PRINT_MOST = Parameter(
    "xx.print_most", POSITIVE, 2000, N_("한 번에 출력할 수 있는 가장 많은 장수예요."), "XX-12", unit="장"
)
PRINT_KEEP_DAYS = Parameter(
    "xx.print_keep_days",
    POSITIVE,
    7,
    N_("만든 출력 파일을 이 날수가 지나면 지워요."),
    "XX-12",
    unit="일",
)
UNNEEDED_DAYS = Parameter(
    "xx.unneeded_days",
    POSITIVE,
    10,
    N_("버린 초안의 내용과 서명 없이 끝난 링크의 전화번호를 이 날수가 지나면 지워요."),
    "XX-10",
    unit="일",
)

register(
    UPLOAD_MB,
    EXPORT_REASON_ROWS,
    PRINT_MOST,
    PRINT_KEEP_DAYS,
    ORIGINAL_RETURN_WARN_DAYS,
    SIGN_LINK_DAYS,
    UNNEEDED_DAYS,
)
