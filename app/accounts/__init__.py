"""Logins: people, their roles, sessions, one-time codes, invitations.

Sources: KP-05 – KP-09, XX-13 – XX-15. 계정 = user_account, 계정잠금 = LOCKED, 사용중지 = SUSPENDED.
"""
