"""Guardians and children, their consents, papers and health notes.

Source: chapter 4 of the operating manual of 서울 우리동네키움센터; 개인정보 보호법.
Words: 보호자 = guardian, 아동 = child, 인수자 = pickup person, 동의 = consent, 증빙서류 = evidence,
건강 특이사항 = health note.
"""
