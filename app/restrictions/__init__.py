"""Usage restrictions: what counts against a household, the case from report to decision, and its end (AS).

이용제한 = restriction, 사유 = ground, 소명 = statement, 이의신청 = objection, 통지 = notice, 누적 = tally.
"""
