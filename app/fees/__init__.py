"""The ledger: what is owed, what was paid, what is given back. Tariffs belong to the services that charge.

이용료 = fee, 청구 = charge, 수납 = payment, 환불 = refund, 영수증 = receipt.
"""
