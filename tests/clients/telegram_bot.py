"""python-telegram-bot: reads updates as Telegram sends them, and sends to what stands for Telegram."""

from __future__ import annotations

import asyncio
import json
import sys

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import BadRequest, Forbidden, InvalidToken


async def read(question):
    """What the library makes of updates."""
    found = []
    for body in question["updates"]:
        update = Update.de_json(json.loads(body), None)
        message, query = update.message, update.callback_query
        found.append({
            "update": update.update_id,
            "chat": str(update.effective_chat.id) if update.effective_chat else None,
            "user": str(update.effective_user.id) if update.effective_user else None,
            "text": message.text if message else None,
            "data": query.data if query else None,
        })  # fmt: skip
    return found


async def send(question):
    """Send a text with a button and a picture, and ask what a check asks."""
    done = {}
    async with Bot(question["token"], base_url=f"{question['url']}/bot") as bot:
        done["me"] = bot.username
        buttons = InlineKeyboardMarkup([[InlineKeyboardButton("Returns", callback_data="/return_item")]])
        done["sent"] = (await bot.send_message(question["chat"], "Sudah dikirim 🚚", reply_markup=buttons)).message_id
        photo = await bot.send_photo(question["chat"], "https://shop.example/shirt.jpg", caption="A shirt")
        done["photo"] = photo.message_id
        webhook = await bot.get_webhook_info()
        done["webhook"] = [webhook.url, webhook.pending_update_count, list(webhook.allowed_updates)]
        try:
            await bot.send_message(question["blocked"], "hello")
        except Forbidden as error:
            done["blocked"] = error.message
        try:
            await bot.send_message(question["chat"], "")
        except BadRequest as error:
            done["empty"] = error.message
    try:
        async with Bot("1:wrong", base_url=f"{question['url']}/bot"):
            pass
    except InvalidToken:
        done["wrong"] = True
    return done


asked = json.load(sys.stdin)
json.dump(asyncio.run({"read": read, "send": send}[asked["do"]](asked)), sys.stdout)
