"""WhatsApp, by Meta's Cloud API."""

from __future__ import annotations

from channels.whatsapp.connector import WhatsAppConnector

__all__ = ["WhatsAppConnector"]
