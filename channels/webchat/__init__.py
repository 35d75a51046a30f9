"""The web chat: a page, a script that puts it into any shop's site, and the socket behind both."""

from channels.webchat.input import WebChatInput, WebChatOutput

__all__ = ["WebChatInput", "WebChatOutput"]
