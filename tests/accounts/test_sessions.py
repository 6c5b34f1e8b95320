"""XX-14: sessions begin, are seen and end."""

from __future__ import annotations

from app.kernel.actor import Role
from tests.cast_accounts import sign_in
