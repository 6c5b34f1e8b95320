"""언제나어린이집: the 24-hour daycare registry (AD, AE-17 – AE-20).

운영일 = operating day (07:30 to 07:30 of the next), 반 = class, 이용 = stay, 예약 = booking, 인수인계대장 = hand-over
ledger, 보육일지 = journal, 이용대장 = register, 야간 = night (22:00–07:30).
"""
