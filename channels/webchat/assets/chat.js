// The chat: what is on the screen, and what pressing and writing does. Its words come with the server's welcome.

import { Connection } from "./connection.js";
import { make, makeChoices, makeLine } from "./lines.js";

const $ = (id) => document.getElementById(id);
const query = new URLSearchParams(location.search);
const shop = query.get("shop") ?? "";
let product = query.get("product") ?? undefined;

// A browser may forbid storage in frames; then the conversation lasts as long as the page.
const memory = new Map();
const keep = (area) => ({
  get: (key) => { try { return area()?.getItem(key) ?? memory.get(key); } catch { return memory.get(key); } },
  set: (key, value) => { memory.set(key, value); try { area()?.setItem(key, value); } catch { /* kept in memory */ } },
});
const local = keep(() => localStorage);
const session = keep(() => sessionStorage);
const TOKEN = `pasar.token.${shop}`;
const OPEN = `pasar.open.${shop}`;

let words = {};
let lines = [];
let choices = null; // the quick replies that can be pressed now
let state = "bot";
let online = false;
let everOnline = false;
let unread = 0;

const isOpen = () => !$("panel").hidden;
const tellPage = (item) => parent !== window && parent.postMessage(item, "*"); // nothing secret is in it

const connection = new Connection({
  describe: () => ({
    token: local.get(TOKEN),
    shop: shop || undefined,
    product,
    buyer_token: new URLSearchParams(location.hash.slice(1)).get("buyer_token") ?? undefined,
    languages: [query.get("language"), ...navigator.languages].filter(Boolean),
  }),
  receive,
  changed: (value) => { online = value; everOnline ||= value; showNotice(); },
});

function receive(item) {
  if (item.type === "welcome") {
    local.set(TOKEN, item.token);
    useWords(item);
    state = item.state;
    showHistory(item.history);
    showTyping(false);
    if (!$("panel").hidden) return;
    if (query.has("open") || session.get(OPEN)) open();
    else $("launcher").hidden = false;
  } else if (item.type === "message") {
    addLine(item);
  } else if (item.type === "typing") {
    showTyping(item.on);
  } else if (item.type === "state") {
    state = item.state;
    showTyping(false);
  } else if (item.type === "words") {
    useWords(item);
  } else if (item.type === "done") {
    find(item.id)?.querySelector(".unsent")?.remove();
  }
  showNotice();
}

function useWords({ words: given, language }) {
  words = given;
  document.documentElement.lang = language;
  document.documentElement.dir = words.direction ?? "ltr";
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = words[element.dataset.word] ?? "";
  $("launcher").setAttribute("aria-label", words.open);
  $("close").setAttribute("aria-label", words.close);
  $("send").setAttribute("aria-label", words.send);
  $("scroll").setAttribute("aria-label", words.log);
  $("log").setAttribute("aria-label", words.log);
  $("text").placeholder = words.placeholder;
  $("starters").replaceWith(Object.assign(makeChoices((words.starters ?? []).map((title) => ({ title })), words, press), { id: "starters" }));
  tellPage({ pasar: "title", title: words.title });
}

function showHistory(history) {
  const log = $("log");
  log.setAttribute("aria-busy", "true"); // what was said before is not read out again
  log.replaceChildren();
  lines = [];
  choices = null;
  history.forEach((line) => addLine(line, true));
  for (const message of connection.pending) addOwn(message);
  log.removeAttribute("aria-busy");
  $("intro").hidden = lines.length > 0;
}

const find = (id) => id && $("log").querySelector(`[data-id="${CSS.escape(id)}"]`);

function addLine(line, old = false) {
  if (line.id && find(line.id)) return;
  const log = $("log");
  const near = $("scroll").scrollHeight - $("scroll").scrollTop - $("scroll").clientHeight < 160;
  retireChoices();
  const element = makeLine(line, words, press, lines.at(-1));
  if (element) log.append(element);
  lines.push(line);
  if (Array.isArray(line.buttons) && line.buttons.length) {
    choices = makeChoices(line.buttons, words, press);
    log.append(choices);
  }
  $("intro").hidden = lines.length > 0;
  if (near || line.from === "user" || old) $("scroll").scrollTop = $("scroll").scrollHeight;
  if (!old && line.from !== "user" && !isOpen()) showUnread(unread + 1);
}

function addOwn(message) {
  addLine({ from: "user", id: message.id, text: message.title ?? message.text }, true);
  if (!online) find(message.id)?.append(make("span", "unsent", words.unsent));
}

// Only the last quick replies can be pressed: an older one would answer another question.
function retireChoices() {
  if (!choices) return;
  if (choices.contains(document.activeElement)) $("text").focus();
  choices.remove();
  choices = null;
}

function press(title, payload) {
  const isPayload = typeof payload === "string" && payload.startsWith("/");
  say(isPayload ? { payload, title } : { text: payload || title });
  $("text").focus();
}

function say(content) {
  addOwn(connection.send({ ...content, product }));
}

function showTyping(on) {
  const sign = $("typing");
  sign.classList.toggle("on", on);
  sign.replaceChildren(...(on ? [make("span", "unseen", words.typing), make("i"), make("i"), make("i")] : []));
  if (on) $("scroll").scrollTop = $("scroll").scrollHeight;
}

function showNotice() {
  const text = !online ? (everOnline ? words.lost : words.connecting) : { waiting: words.waiting, person: words.with_person }[state];
  const notice = $("notice");
  const shown = text ?? "";
  if (notice.dataset.shown === shown) return; // else it would be read out again, and its button lose the focus
  notice.dataset.shown = shown;
  notice.replaceChildren(...(text ? [make("span", "", text)] : []));
  if (!online && everOnline) {
    const retry = make("button", "", words.retry);
    retry.type = "button";
    retry.onclick = () => connection.connect();
    notice.append(retry);
  }
}

function showUnread(count) {
  unread = count;
  $("unread").hidden = count === 0;
  $("unread").textContent = count || "";
  $("launcher").setAttribute("aria-label", count ? `${words.open} (${count})` : words.open);
}

function open() {
  tellPage({ pasar: "open" });
  session.set(OPEN, "1");
  showUnread(0);
  $("panel").hidden = false;
  $("launcher").hidden = true;
  $("launcher").setAttribute("aria-expanded", "true");
  $("scroll").scrollTop = $("scroll").scrollHeight;
  $("text").focus();
}

function close() {
  tellPage({ pasar: "close" });
  session.set(OPEN, "");
  $("panel").hidden = true;
  $("launcher").hidden = false;
  $("launcher").setAttribute("aria-expanded", "false");
  $("launcher").focus();
}

function grow() {
  const text = $("text");
  text.style.blockSize = "auto";
  text.style.blockSize = `${Math.min(text.scrollHeight + 2, 132)}px`;
}

$("launcher").onclick = open;
$("close").onclick = close;
$("text").oninput = grow;
$("text").onkeydown = (event) => {
  // While a word is being composed, Enter chooses it.
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $("form").requestSubmit();
  }
};
$("form").onsubmit = (event) => {
  event.preventDefault();
  const text = $("text").value;
  if (!text.trim()) return;
  $("text").value = "";
  grow();
  say({ text });
  $("text").focus();
};
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && isOpen() && !event.isComposing) close();
});
addEventListener("message", (event) => {
  if (event.source !== parent || event.data?.pasar !== "ask") return;
  if (typeof event.data.product === "string") product = event.data.product.slice(0, 64);
  if (!isOpen()) open();
});

connection.connect();
