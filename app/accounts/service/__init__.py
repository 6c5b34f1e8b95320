"""Commands on accounts, one story per module.

- ``entering``: login, choice of role, logout
- ``codes``: one-time codes
- ``joining``: a guardian makes an account
- ``recovery``: a new password, also for a locked account
- ``issuing``: officers make accounts, give roles, suspend
- ``own``: what people change about their own account
"""
