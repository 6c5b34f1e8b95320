"""Municipalities and their institutions: who exists, which services they offer, what they decided.

Sources: GC-20, GC-21, GC-22, the list of municipalities.
시군·지방자치단체 = tenant, 자치구 = district, 기관·시설 = institution, 서비스 종류 = service, 휴일 = holiday.
"""
