"""Kium centres (우리동네키움센터): their year of quarters, opening hours and places.

Source: the portal's staff training and chapter 4 of the operating manual of 서울 우리동네키움센터.
Words: 이용분기 = quarter, 운영시간 = opening hours, 특별운영일 = special day, 기본정원 = base capacity,
별도정원 = separate quota, 정원변경 = capacity change, 돌봄필수인력 = essential staff.
"""
