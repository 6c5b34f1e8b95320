"""Accidents and illness during care, told to the guardian at once (AD-26, XX). 사고 = accident, 통지 = notice."""
