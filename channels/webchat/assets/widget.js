// Puts the chat into any page:
//   <script src="https://…/chat/widget.js" data-shop="stylehub" data-product="DRESS-01" async></script>
// The chat lives in a frame of its own origin: neither page can disturb the other.
(() => {
  const script = document.currentScript;
  if (!script || document.getElementById("pasar-chat")) return;

  const frame = document.createElement("iframe");
  const address = new URL("frame", script.src);
  for (const name of ["shop", "product", "language"]) {
    if (script.dataset[name]) address.searchParams.set(name, script.dataset[name]);
  }
  // After "#", where no server log sees it.
  if (script.dataset.buyerToken) address.hash = new URLSearchParams({ buyer_token: script.dataset.buyerToken });
  frame.id = "pasar-chat";
  frame.src = address.href;
  frame.allow = "";

  const narrow = matchMedia("(max-width: 480px)");
  let open = false;
  const place = () => {
    const size = !open
      ? { "inline-size": "88px", "block-size": "88px", "inset-block-end": "0" }
      : narrow.matches
        ? { "inline-size": "100%", "block-size": "100%", "inset-block-end": "0" }
        : { "inline-size": "min(424px, 100%)", "block-size": "min(704px, 100%)", "inset-block-end": "0" };
    const style = {
      position: "fixed", "inset-inline-end": "0", border: "0", margin: "0", padding: "0",
      "z-index": "2147483000", "color-scheme": "normal", background: "transparent",
      "max-inline-size": "none", "max-block-size": "none", ...size,
    };
    for (const [name, value] of Object.entries(style)) frame.style.setProperty(name, value, "important");
  };

  addEventListener("message", (event) => {
    if (event.source !== frame.contentWindow || event.origin !== address.origin) return;
    const { pasar, title } = event.data ?? {};
    if (pasar === "open" || pasar === "close") {
      open = pasar === "open";
      place();
      // The reader of the screen must not wander into the page behind a chat that covers it.
      document.documentElement.style.overflow = open && narrow.matches ? "hidden" : "";
    } else if (pasar === "title" && typeof title === "string") {
      frame.title = title;
    }
  });
  narrow.addEventListener("change", place);

  // The shop's page may ask about a product: dispatchEvent(new CustomEvent("pasar:ask", { detail: { product } }))
  addEventListener("pasar:ask", (event) => {
    frame.contentWindow.postMessage({ pasar: "ask", product: event.detail?.product }, address.origin);
    frame.focus();
  });

  place();
  const attach = () => document.body.append(frame);
  if (document.body) attach();
  else addEventListener("DOMContentLoaded", attach);
})();
