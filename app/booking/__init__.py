"""Booking of Kium care: applications, decisions, waiting lists, quarters that refit bookings.

Sources: KB, KW, KQ-04, KC-06 – KC-08. 예약신청 = booking, 정기돌봄 = REGULAR, 일시돌봄 = TEMPORARY,
아픈아이 돌봄 = SICK, 이용일 = usage_day, 대기접수 = waitlist_entry, 관리카드 = care_card.
A place's one gate row is locked before anything changes who is in it.
"""
