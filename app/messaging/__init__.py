"""Messages to phones and mailboxes: planned with the change that causes them, sent by a worker.

Sources: KB-23, KP-10, KA-14. 알림톡 = alimtalk, 문자 = SMS. Knows numbers and addresses, not users.
"""
