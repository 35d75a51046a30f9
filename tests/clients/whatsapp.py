"""pywa: reads calls as Meta makes them, and sends to what stands for Meta."""

from __future__ import annotations

import json
import sys

import httpx
from pywa import WhatsApp, types, utils
from pywa.errors import WhatsAppError


def read(question):
    """Whether the signature is believed, and the message in each call."""
    client = WhatsApp(phone_id=question["number"], token="x")
    found = []
    for body, signature in question["calls"]:
        believed = utils.webhook_updates_validator(question["secret"], body.encode(), signature)
        message = types.Message.from_update(client, json.loads(body))
        found.append([believed, message.id, message.text, message.metadata.phone_number_id])
    return found


def send(question):
    """Send a text, buttons and a picture."""

    class Here(httpx.HTTPTransport):
        """Meta's host is fixed in pywa: calls to it come here."""

        def handle_request(self, request):
            request.url = httpx.URL(question["url"]).copy_with(raw_path=request.url.raw_path)
            return super().handle_request(request)

    with httpx.Client(transport=Here()) as session:
        client = WhatsApp(phone_id=question["number"], token=question["token"], session=session, api_version=25.0)
        done = {"text": client.send_message(question["to"], "Sudah dikirim").id}
        buttons = [types.Button(title="Returns", callback_data="/return_item")]
        done["buttons"] = client.send_message(question["to"], "What is it about?", buttons=buttons).id
        done["image"] = client.send_image(question["to"], "https://shop.example/shirt.jpg", caption="A shirt").id
    with httpx.Client(transport=Here()) as session:
        stranger = WhatsApp(phone_id=question["number"], token="wrong", session=session, api_version=25.0)
        try:
            stranger.send_message(question["to"], "hello")
        except WhatsAppError as error:
            done["wrong"] = error.code
    return done


asked = json.load(sys.stdin)
json.dump({"read": read, "send": send}[asked["do"]](asked), sys.stdout)
