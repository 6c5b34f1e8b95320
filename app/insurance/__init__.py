"""Policies of institutions and when they end (AD-25, J-26). 보험 = insurance, 공제회 = mutual aid, 특약 = rider."""
