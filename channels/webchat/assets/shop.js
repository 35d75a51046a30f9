// A demo shop: its products from the shop's own system, its words from the language pack, and the chat as any shop embeds it.

const query = new URLSearchParams(location.search);
const $ = (id) => document.getElementById(id);

const address = new URL("shop", location.href);
address.searchParams.set("languages", [query.get("language"), ...navigator.languages].filter(Boolean).join(","));
for (const name of ["shop", "product"]) if (query.get(name)) address.searchParams.set(name, query.get(name));

function embed(shop) {
  const script = document.createElement("script");
  script.src = "widget.js";
  Object.assign(script.dataset, { shop });
  for (const name of ["product", "language"]) if (query.get(name)) script.dataset[name] = query.get(name);
  if (query.get("buyer_token")) script.dataset.buyerToken = query.get("buyer_token");
  document.body.append(script);
}

function makeProduct({ sku, name, kind, image, price }, { language, words }) {
  const item = document.createElement("li");
  item.className = "product";
  item.classList.toggle("named", sku.toLowerCase() === (query.get("product") ?? "").toLowerCase());
  const art = document.createElement("div");
  art.className = "art";
  art.ariaHidden = "true";
  art.textContent = name.slice(0, 1).toUpperCase();
  art.style.setProperty("--hue", String([...(kind || sku)].reduce((sum, letter) => sum + letter.codePointAt(0) * 37, 0) % 360));
  if (/^https?:/.test(image)) {
    const picture = document.createElement("img");
    picture.src = image;
    picture.alt = "";
    picture.onerror = () => picture.remove();
    art.append(picture);
  }
  const text = document.createElement("div");
  text.className = "text";
  const title = document.createElement("h3");
  title.textContent = name;
  text.append(title);
  if (price) {
    const amount = document.createElement("p");
    amount.textContent = new Intl.NumberFormat(language, { style: "currency", currency: price.currency }).format(price.amount);
    text.append(amount);
  }
  const ask = document.createElement("button");
  ask.type = "button";
  ask.textContent = words.ask;
  ask.ariaLabel = `${words.ask}: ${name}`;
  ask.onclick = () => dispatchEvent(new CustomEvent("pasar:ask", { detail: { product: sku } }));
  text.append(ask);
  item.append(art, text);
  return item;
}

const answer = await fetch(address).catch(() => null);
const shop = answer?.ok ? await answer.json() : null;
if (shop) {
  document.documentElement.lang = shop.language;
  document.documentElement.dir = shop.words.direction ?? "ltr";
  document.title = $("name").textContent = shop.name;
  $("tagline").textContent = shop.words.tagline;
  $("note").textContent = shop.words.note;
  $("heading").textContent = shop.words.products;
  $("products").replaceChildren(...shop.products.map((product) => makeProduct(product, shop)));
}
// The chat works where the shop's system does not; widget.js finds its own address from currentScript.
embed(shop?.shop ?? query.get("shop") ?? "");
