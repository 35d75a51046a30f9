"""Buyers whom the shop's own site has logged in.

The site signs a short-lived token (JWT, HS256) with its shop's own secret, which is made of PASAR_BUYER_SECRET, and
gives it to the web chat.
"""

from __future__ import annotations

import datetime
import hashlib
import hmac

import jwt

from pasar.commerce.model import Buyer
from pasar.settings import load_settings

ALGORITHM = "HS256"
AUDIENCE = "pasar"  # a token the shop made for another purpose with the same secret is refused
MAX_FIELD = 254  # the longest e-mail address (RFC 5321)


def find_secret(shop: str) -> str:
    """What a shop's site signs with: with it no other shop's buyers can be vouched for."""
    return hmac.new(load_settings().buyer_secret.encode(), f"buyer:{shop}".encode(), hashlib.sha256).hexdigest()


def sign_buyer(
    shop: str,
    email: str = "",
    phone: str = "",
    expires: datetime.timedelta = datetime.timedelta(hours=1),
) -> str:
    """Sign that a shop's site knows this buyer by e-mail or phone, for as long as ``expires``."""
    if not email and not phone:
        raise ValueError("a buyer is known by an e-mail address, a phone number or both")
    now = datetime.datetime.now(datetime.timezone.utc)
    claims = {
        "aud": AUDIENCE,
        "shop": shop,
        "email": email,
        "phone": phone,
        "iat": now,
        "exp": now + expires,
    }
    return jwt.encode(claims, find_secret(shop), algorithm=ALGORITHM)


def verify_buyer(token: str, shop: str) -> Buyer | None:
    """Return the buyer of a genuine token of that shop that has not expired."""
    try:
        claims = jwt.decode(
            token,
            find_secret(shop),
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            options={"require": ["exp", "aud"]},
        )
    except (jwt.InvalidTokenError, UnicodeError):
        return None
    email, phone = claims.get("email", ""), claims.get("phone", "")
    if not (isinstance(email, str) and isinstance(phone, str)) or max(len(email), len(phone)) > MAX_FIELD:
        return None
    if not (email or phone) or claims.get("shop") != shop:
        return None
    return Buyer(email=email, phone=phone)
