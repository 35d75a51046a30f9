// socket.io's own client: talks to the web chat by the transports named, and says what it heard.
import { io } from "socket.io-client";

const [url, ...transports] = process.argv.slice(2);
const open = () => io(url, { path: "/chat/socket.io", transports, reconnection: false });
const once = (socket, event) =>
  new Promise((resolve, reject) => {
    const clock = setTimeout(() => reject(new Error(`no ${event}`)), 60_000);
    socket.once(event, (content) => (clearTimeout(clock), resolve(content)));
  });
const ask = (socket, event, content, answer) => {
  const heard = once(socket, answer);
  socket.emit(event, content);
  return heard;
};

const first = open();
await once(first, "connect");
const token = await ask(first, "session_request", { shop: "stylehub", languages: ["en"] }, "session_confirm");
const hello = await ask(first, "user_uttered", { message: "hello 🚚", session_id: token }, "bot_uttered");
const choice = await ask(first, "user_uttered", { message: "choose" }, "bot_uttered");
const pressed = await ask(first, "user_uttered", { message: choice.quick_replies[1].payload }, "bot_uttered");
const refused = await ask(first, "user_uttered", { message: 5 }, "refused");

// Another client with the same token: the same conversation, and both hear it.
const second = open();
await once(second, "connect");
const again = await ask(second, "session_request", { session_id: token, shop: "stylehub" }, "session_confirm");
const both = Promise.all([once(first, "bot_uttered"), once(second, "bot_uttered")]);
second.emit("user_uttered", { message: "both?" });
const heard = (await both).map((said) => said.text);
first.close();
const left = await ask(second, "user_uttered", { message: "alone" }, "bot_uttered");

// Who says nothing of a session is given one; what is no object, does no harm.
const third = open();
await once(third, "connect");
third.emit("session_request", [1, null]);
const new_token = await once(third, "session_confirm");
const transport = third.io.engine.transport.name;
for (const socket of [second, third]) socket.close();
console.log(JSON.stringify({ token, hello, choice, pressed, refused, again, heard, left, new_token, transport }));
