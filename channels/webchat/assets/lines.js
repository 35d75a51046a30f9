// What was said, as elements. Every text is set as text: nothing a message contains becomes markup.

const LINK = /https?:\/\/[^\s<>"'）)]+/g;

export function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text != null) element.textContent = text;
  return element;
}

// Returns the address if it is one of the web, else null: no "javascript:", no "data:".
export function checkAddress(value) {
  try {
    const address = new URL(value);
    return ["http:", "https:"].includes(address.protocol) ? address.href : null;
  } catch {
    return null;
  }
}

function makeLink(address, text, className) {
  const link = make("a", className, text);
  link.href = address;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  return link;
}

function fillText(element, text) {
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    const shown = match[0].replace(/[.,!?;:]+$/, "");
    const address = checkAddress(shown);
    if (!address) continue;
    element.append(text.slice(end, match.index), makeLink(address, shown));
    end = match.index + shown.length;
  }
  element.append(text.slice(end));
}

function makePicture(address, text, className) {
  const picture = make("img", className);
  picture.src = address;
  picture.alt = text;
  picture.loading = "lazy";
  picture.referrerPolicy = "no-referrer";
  picture.onerror = () => picture.remove();
  return picture;
}

export function makeChoices(buttons, words, press) {
  const group = make("div", "choices");
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", words.choices);
  for (const { title, payload } of buttons) {
    const button = make("button", "", String(title));
    button.type = "button";
    button.dir = "auto";
    button.onclick = () => press(String(title), payload);
    group.append(button);
  }
  return group;
}

function makeCard(card, words, press) {
  const kind = ["product", "order", "person"].includes(card.type) ? card.type : "product";
  const item = make("li", `card ${kind}`);
  const image = checkAddress(card.image);
  if (image) item.append(makePicture(image, "", "art"));
  const body = make("div", "body");
  body.dir = "auto";
  body.append(make("h2", "", card.title ?? ""));
  if (card.subtitle) body.append(make("p", "", card.subtitle));
  if (card.price) body.append(make("p", "price", card.price));
  if (Array.isArray(card.facts) && card.facts.length) {
    const facts = make("dl");
    facts.setAttribute("aria-label", words.facts);
    for (const [label, value] of card.facts) facts.append(make("dt", "", label), make("dd", "", value));
    body.append(facts);
  }
  const actions = make("div", "actions");
  for (const { title, payload } of card.buttons ?? []) {
    const button = make("button", "", String(title));
    button.type = "button";
    button.onclick = () => press(String(title), payload);
    actions.append(button);
  }
  const address = checkAddress(card.url);
  if (address) {
    const link = makeLink(address, words.view, "link");
    link.setAttribute("aria-label", `${words.view}: ${card.title ?? ""}`);
    actions.append(link);
  }
  if (actions.childElementCount) body.append(actions);
  item.append(body);
  return item;
}

function makeCards(cards, words, press) {
  const list = make("ul", cards.length === 1 ? "cards single" : "cards");
  list.append(...cards.map((card) => makeCard(card, words, press)));
  return list;
}

// Returns a line's element, or null where there is nothing to show.
export function makeLine(line, words, press, previous) {
  const from = ["user", "person"].includes(line.from) ? line.from : "bot";
  const element = make("div", `line ${from}`);
  const name = from === "user" ? words.you : from === "person" ? line.person || words.person : words.assistant;
  if (previous?.from === line.from && previous?.person === line.person) element.classList.add("same");
  element.append(make("span", "who", name));
  if (line.text) {
    const bubble = make("p", "bubble");
    bubble.dir = "auto";
    fillText(bubble, String(line.text));
    element.append(bubble);
  }
  const image = checkAddress(line.image);
  if (image) element.append(makePicture(image, words.image, "picture"));
  const cards = line.custom?.cards;
  if (Array.isArray(cards) && cards.length) {
    element.classList.add("wide");
    element.append(makeCards(cards, words, press));
  }
  if (element.childElementCount === 1) return null;
  if (line.id) element.dataset.id = line.id;
  return element;
}
