"""Papers: the forms' catalogue, their rendering, uploads, signatures and what was issued.

Sources: GC-24, GC-25, XX-19. 서식 = form, 서명 = signature, 직인 = seal, 스캔 = upload.
"""
