"""LINE's own SDK: reads calls as LINE makes them, and sends to what stands for LINE."""

from __future__ import annotations

import json
import sys
import uuid

from linebot.v3 import WebhookParser
from linebot.v3.exceptions import InvalidSignatureError
from linebot.v3.messaging import (
    ApiClient,
    ApiException,
    Configuration,
    MessagingApi,
    PostbackAction,
    PushMessageRequest,
    QuickReply,
    QuickReplyItem,
    ReplyMessageRequest,
    TestWebhookEndpointRequest,
    TextMessage,
)


def read(question):
    """The events in each call as the SDK sees them; None where it does not believe the signature."""
    parser = WebhookParser(question["secret"])
    found = []
    for body, signature in question["calls"]:
        try:
            found.append([describe(event) for event in parser.parse(body, signature)])
        except InvalidSignatureError:
            found.append(None)
    return found


def describe(event):
    message = getattr(event, "message", None)
    postback = getattr(event, "postback", None)
    return {
        "type": event.type,
        "id": event.webhook_event_id,
        "user": event.source.user_id if event.source else None,
        "token": getattr(event, "reply_token", None),
        "text": getattr(message, "text", None),
        "data": postback.data if postback else None,
    }


def send(question):
    """Reply, push twice with one key, and ask what a check asks."""
    done = {}
    with ApiClient(Configuration(access_token=question["token"], host=question["url"])) as client:
        api = MessagingApi(client)
        action = PostbackAction(label="Returns", data="/return_item", displayText="Returns")
        buttons = QuickReply(items=[QuickReplyItem(action=action)])
        replied = api.reply_message(
            ReplyMessageRequest(
                replyToken=question["reply_token"],
                messages=[TextMessage(text="a"), TextMessage(text="b", quickReply=buttons)],
            )
        )
        done["replied"] = len(replied.sent_messages)
        key = str(uuid.uuid4())
        pushed = PushMessageRequest(to=question["user"], messages=[TextMessage(text="c")])
        done["pushed"] = len(api.push_message(pushed, x_line_retry_key=key).sent_messages)
        late = ReplyMessageRequest(replyToken=question["reply_token"], messages=[TextMessage(text="d")])
        done["again"] = explain(lambda: api.push_message(pushed, x_line_retry_key=key))
        done["spent"] = explain(lambda: api.reply_message(late))
        bot, webhook = api.get_bot_info(), api.get_webhook_endpoint()
        done["bot"], done["webhook"] = bot.display_name, [webhook.endpoint, webhook.active]
        done["test"] = api.test_webhook_endpoint(TestWebhookEndpointRequest(endpoint=webhook.endpoint)).success
    return done


def explain(ask):
    """How LINE refuses a call."""
    try:
        ask()
    except ApiException as error:
        return [error.status, json.loads(error.body)["message"]]
    return None


asked = json.load(sys.stdin)
json.dump({"read": read, "send": send}[asked["do"]](asked), sys.stdout)
