// The socket: says hello, comes back by itself, and sends again what is not known to be answered.

const PING_EVERY = 20_000;
const SILENCE = 45_000;
const LONGEST_WAIT = 15_000;
const LONGEST_TEXT = 100_000; // the server refuses far less, politely; much more would break the connection

export class Connection {
  #socket = null;
  #tries = 0;
  #timer = 0;
  #heard = 0;
  #pending = new Map(); // id → message

  constructor({ describe, receive, changed }) {
    this.describe = describe;
    this.receive = receive;
    this.changed = changed;
    setInterval(() => this.#watch(), PING_EVERY / 4);
    addEventListener("online", () => this.connect());
    document.addEventListener("visibilitychange", () => document.hidden || this.connect());
  }

  get pending() {
    return [...this.#pending.values()];
  }

  connect() {
    if (this.#socket && this.#socket.readyState <= WebSocket.OPEN) return;
    clearTimeout(this.#timer);
    const address = new URL("socket", location.href);
    address.protocol = address.protocol.replace("http", "ws");
    address.search = address.hash = "";
    const socket = new WebSocket(address);
    this.#socket = socket;
    this.#heard = Date.now();
    socket.onopen = () => socket.send(JSON.stringify({ type: "hello", ...this.describe() }));
    socket.onmessage = ({ data }) => {
      if (socket === this.#socket) this.#hear(JSON.parse(data));
    };
    socket.onclose = () => {
      if (socket === this.#socket) this.#retry();
    };
  }

  send(content) {
    const id = crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint8Array(16)), (n) => n.toString(16).padStart(2, "0")).join("");
    const message = { type: "message", id, ...content };
    if (message.text) message.text = message.text.slice(0, LONGEST_TEXT);
    this.#pending.set(id, message);
    this.#put(message);
    return message;
  }

  #put(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #hear(item) {
    this.#heard = Date.now();
    if (item.type === "welcome") {
      this.#tries = 0;
      item.history.forEach((line) => this.#settle(line));
      this.receive(item);
      this.changed(true);
      this.pending.forEach((message) => this.#put(message));
      return;
    }
    if (item.type === "done" || (item.type === "error" && item.id)) this.#pending.delete(item.id);
    if (item.type !== "pong") this.receive(item);
  }

  // A line of a turn that still runs stays pending: only "done" says that it was answered.
  #settle(line) {
    if (line.id && line.type !== "message") this.#pending.delete(line.id);
  }

  #retry() {
    this.changed(false);
    clearTimeout(this.#timer);
    const wait = Math.min(LONGEST_WAIT, 500 * 2 ** this.#tries++);
    this.#timer = setTimeout(() => this.connect(), wait * (0.5 + Math.random() / 2));
  }

  #watch() {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    if (Date.now() - this.#heard > SILENCE) {
      const lost = this.#socket;
      this.#socket = null;
      lost.close();
      this.#retry();
    } else if (Date.now() - this.#heard > PING_EVERY) {
      this.#put({ type: "ping" });
    }
  }
}
