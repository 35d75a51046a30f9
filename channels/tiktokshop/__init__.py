"""TikTok Shop's customer service chat, by its Customer Service API.

Written to https://partner.tiktokshop.com/docv2/page/customer-service-api-overview (roles, limits, who may begin), the
webhooks https://partner.tiktokshop.com/docv2/page/14-new-message and tts-webhooks-overview beside it (signature, answer
within 3 s, repeated after 2 min, 30 min, 3 h and 12 h), and the references of Send Message, Read Message, Upload Buyer
Messages Image, Get Conversations and Get Conversation Messages, all 202309, as they stood at the end of 2025.

The signature holds no time; a second delivery is known by the message's id. What we send comes back as a webhook too;
under which role is not said, so that both the message's id and its content tell our own from a person's. Calls have no
key against repetition: where an answer was lost, the conversation's last messages tell whether it was taken, but for
pictures, whose address TikTok makes anew. Calls of an app are 10,000 a day; a turn costs one for the read receipt, which
TikTok's review asks for, and one for every message. What EMOTICONS hold is not specified: a text is kept as it is.
There are no buttons, no voice and no places. An app has one address for all its shops, unless it sets one for each
(Update Shop Webhook): messages of other shops are left alone.
"""

from channels.tiktokshop.connector import TikTokShopConnector

__all__ = ["TikTokShopConnector"]
