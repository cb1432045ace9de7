// The telephone's face: buttons, keyboard, transcript, and the line to the server.

import { open } from "./sound.js";

const find = (id) => document.getElementById(id);
const keys = [...document.querySelectorAll(".key")];
const STATES = {
  queued: "Es wird gewählt …",
  ringing: "Es klingelt …",
  "in-progress": "Verbunden",
  forwarding: "Sie werden verbunden …",
};
const TROUBLE = {
  NotAllowedError: "Das Mikrofon ist nicht erlaubt. Mit den Tasten geht alles auch.",
  NotFoundError: "Kein Mikrofon gefunden. Mit den Tasten geht alles auch.",
  SecurityError: "Das Mikrofon geht im Browser nur über https oder auf localhost. Mit den Tasten geht alles auch.",
};

let line = null; // the WebSocket of the call that is going on
let sound = null;
let began = 0;
let clock = 0;

function show(state) {
  find("state").textContent = state;
}

function add(kind, who, text, more) {
  find("empty").hidden = true;
  const item = document.createElement("li");
  item.className = kind;
  const label = document.createElement("span");
  label.className = "who";
  label.textContent = who;
  const body = document.createElement("span");
  body.textContent = text;
  item.append(label, body);
  if (more) {
    const made = document.createElement("span");
    made.className = "made";
    made.textContent = more;
    item.append(made);
  }
  const list = find("transcript");
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  list.append(item);
  if (atEnd) list.scrollTop = list.scrollHeight;
}

function understood({ heard, made, sure }) {
  const parts = [];
  if (made) parts.push(`verstanden: ${made}`);
  if (typeof sure === "number") parts.push(`zu ${Math.round(sure * 100)} % sicher`);
  add("caller", "Sie", heard, parts.join(" · "));
}

const HAPPENED = {
  state: ({ state }) => STATES[state] && show(STATES[state]),
  said: ({ text }) => add("hotline", "Hotline", text),
  understood,
  key: ({ key }) => {
    find("digits").textContent = (find("digits").textContent.trim() + key).slice(-20);
  },
  ended: ({ text }) => add("ended", "Ende", text),
  error: ({ text }) => add("ended", "Leider", text),
};

function enable(calling) {
  find("call").disabled = calling;
  find("hang-up").disabled = !calling;
  find("calling").disabled = calling;
  keys.forEach((key) => { key.disabled = !calling; });
}

function tick() {
  const seconds = Math.floor((Date.now() - began) / 1000);
  find("time").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

async function call() {
  if (line) return;
  enable(true);
  find("hang-up").focus();
  find("transcript").replaceChildren();
  find("digits").textContent = "\u00a0";
  show(STATES.queued);
  const url = new URL("phone/line", new URL("/", location));
  url.protocol = url.protocol.replace("http", "ws");
  const own = (line = new WebSocket(url));
  own.binaryType = "arraybuffer";
  own.onclose = () => line === own && end();
  own.onmessage = ({ data }) => {
    if (typeof data !== "string") {
      sound?.play(new Uint8Array(data));
      return;
    }
    const event = JSON.parse(data);
    HAPPENED[event.event]?.(event);
  };
  const opened = new Promise((resolve) => { own.onopen = resolve; });
  try {
    sound = await open(
      (frame) => own.readyState === WebSocket.OPEN && own.send(frame),
      (level) => { find("level").firstElementChild.style.transform = `scaleX(${level})`; },
    );
    find("microphone-state").textContent = sound.microphone
      ? TROUBLE[sound.microphone] ?? TROUBLE.NotFoundError
      : "Das Mikrofon ist an. Sprechen Sie, sobald die Hotline fertig ist, oder fallen Sie ihr ins Wort.";
  } catch {
    find("microphone-state").textContent = "Dieser Browser kann hier keinen Ton. Mit den Tasten und dem Text geht es.";
    find("aloud").checked = true;
    readAloud();
  }
  if (line !== own) return;
  await opened;
  began = Date.now();
  clock = setInterval(tick, 500);
  const from = document.querySelector("input[name=from]:checked").value;
  own.send(JSON.stringify({ call: from }));
}

function send(message) {
  if (line?.readyState === WebSocket.OPEN) line.send(JSON.stringify(message));
}

function press(key) {
  if (!line) return;
  sound?.tone(key);
  send({ press: key });
  const button = keys.find((one) => one.dataset.key === key);
  button.classList.add("down");
  setTimeout(() => button.classList.remove("down"), 150);
}

function hangUp() {
  if (line?.readyState === WebSocket.OPEN) send({ hang_up: true });
  else line?.close();
}

function end() {
  line = null;
  clearInterval(clock);
  sound?.close();
  sound = null;
  find("level").firstElementChild.style.transform = "scaleX(0)";
  show("Aufgelegt");
  const lost = find("hang-up") === document.activeElement || keys.includes(document.activeElement);
  enable(false);
  if (lost) find("call").focus();
}

function readAloud() {
  find("transcript").setAttribute("aria-live", find("aloud").checked ? "polite" : "off");
}

find("call").addEventListener("click", call);
find("aloud").addEventListener("change", readAloud);
find("hang-up").addEventListener("click", hangUp);
keys.forEach((key) => key.addEventListener("click", () => press(key.dataset.key)));

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (line && "0123456789*#".includes(event.key) && event.key.length === 1) {
    event.preventDefault();
    press(event.key);
  } else if (event.key === "Escape" && line) {
    hangUp();
  } else if (event.key === "Enter" && !line && event.target.tagName !== "BUTTON") {
    event.preventDefault();
    call();
  }
});

addEventListener("pagehide", () => line?.close());
