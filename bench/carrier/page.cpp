#include "bench/carrier/page.hpp"

namespace hikyaku::bench {

const std::string_view phone_page = R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Simulated phones</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/phone.css">
<script src="/phone.js" defer></script>
</head>
<body>
<main id="app" data-view="list">
  <nav id="list" aria-label="Phones">
    <header><h1>Phones</h1><span id="state" role="status"></span></header>
    <p id="empty">No message yet. Send one through the gateway and its phone appears here.</p>
    <ul id="numbers"></ul>
    <form id="go">
      <label for="go-number">Open a number</label>
      <div class="row"><input id="go-number" type="tel" autocomplete="off" maxlength="21"
        placeholder="+819012345678"><button>Open</button></div>
    </form>
  </nav>
  <section id="thread" aria-label="Messages">
    <header><a href="#" id="back" aria-label="Back to the list">&#8249;</a>
      <h2 id="title"></h2></header>
    <ol id="messages" aria-live="polite"></ol>
    <form id="reply">
      <label for="to">To</label>
      <input id="to" autocomplete="off" maxlength="21" placeholder="number or name">
      <div class="row"><textarea id="text" rows="1" maxlength="1600" aria-label="Text of the reply"
        placeholder="Text message"></textarea><button>Send</button></div>
      <p id="note" role="status"></p>
    </form>
  </section>
</main>
<noscript>The phones need JavaScript.</noscript>
</body>
</html>
)html";

const std::string_view phone_style = R"css(
:root { color-scheme: light dark; --back: #e9ebef; --card: #fff; --ink: #17191c; --faint: #666d76;
  --line: #d9dce1; --theirs: #e6e8ec; --mine: #1463d6; --link: #0b57c2; }
@media (prefers-color-scheme: dark) { :root { --back: #0d0f12; --card: #181b1f; --ink: #eceef0;
  --faint: #9aa1aa; --line: #2c3036; --theirs: #2a2f36; --mine: #1c5fc4; --link: #8ab8ff; } }
* { box-sizing: border-box; }
html, body { margin: 0; height: 100%; }
body { background: var(--back); color: var(--ink); font: 16px/1.4 system-ui, sans-serif; }
#app { height: 100dvh; max-width: 900px; margin: 0 auto; display: flex; background: var(--card); }
nav, section { flex: 1; min-width: 0; display: flex; flex-direction: column; }
#app[data-view=list] section, #app[data-view=thread] nav { display: none; }
header { display: flex; align-items: center; gap: .6rem; padding: .7rem 1rem; min-height: 3.4rem;
  border-bottom: 1px solid var(--line); }
h1, h2 { font-size: 1.15rem; margin: 0; flex: 1; overflow-wrap: anywhere; }
#state { color: var(--faint); font-size: .8rem; }
#back { font-size: 2rem; line-height: 1; padding: 0 .7rem .2rem 0; color: var(--link);
  text-decoration: none; }
#empty { padding: 1.5rem 1rem; margin: 0; color: var(--faint); }
ul, ol { list-style: none; margin: 0; padding: 0; overflow-y: auto; flex: 1; }
#numbers a { display: block; padding: .7rem 1rem; color: inherit; text-decoration: none;
  border-bottom: 1px solid var(--line); }
#numbers a:hover, #numbers a[aria-current] { background: var(--theirs); }
#numbers .top { display: flex; justify-content: space-between; gap: .5rem; }
#numbers b { overflow-wrap: anywhere; }
#numbers b.new::after { content: " \25CF"; color: var(--link); }
#numbers time, .small { color: var(--faint); font-size: .75rem; white-space: nowrap; }
#numbers .last { color: var(--faint); font-size: .9rem; overflow: hidden; white-space: nowrap;
  text-overflow: ellipsis; }
#messages { padding: 1rem .8rem; display: flex; flex-direction: column; gap: .7rem; }
#messages li { max-width: 85%; align-self: flex-start; }
#messages li.sent { align-self: flex-end; text-align: right; }
.bubble { display: inline-block; text-align: left; padding: .5rem .8rem; border-radius: 1.1rem;
  background: var(--theirs); white-space: pre-wrap; overflow-wrap: anywhere; }
.sent .bubble { background: var(--mine); color: #fff; }
.bubble a { color: var(--link); }
.sent .bubble a { color: #fff; }
.small { display: block; padding: .15rem .5rem; white-space: normal; }
.night { display: inline-block; margin: .15rem .5rem; padding: 0 .5rem; border-radius: .6rem;
  font-size: .75rem; color: #fff; background: #5b2a86; }
.silent .bubble { opacity: .6; border: 1px dashed var(--faint); }
form { border-top: 1px solid var(--line); padding: .6rem .8rem; }
label { font-size: .75rem; color: var(--faint); }
.row { display: flex; gap: .5rem; margin-top: .3rem; }
input, textarea { font: inherit; color: inherit; background: var(--card); width: 100%; min-width: 0;
  border: 1px solid var(--line); border-radius: .8rem; padding: .5rem .7rem; resize: none; }
button { font: inherit; border: 0; border-radius: .8rem; padding: .5rem 1rem; color: #fff;
  background: var(--mine); min-height: 2.75rem; }
button:disabled { opacity: .5; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
#note { margin: .3rem 0 0; font-size: .8rem; color: var(--faint); min-height: 1.1em; }
@media (min-width: 760px) {
  #app[data-view] nav { display: flex; flex: 0 0 300px; border-right: 1px solid var(--line); }
  #app[data-view=thread] section { display: flex; }
  #back { display: none; }
}
)css";

const std::string_view phone_script = R"js("use strict";
// Texts only ever enter the page as text nodes, so nothing in a message is taken for HTML.
const byId = (id) => document.getElementById(id);
const seen = new Map();  // number -> id of the last message that was looked at
let current = "", shownNumbers = "", shownMessages = "";

function element(tag, text, name) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (name) made.className = name;
  return made;
}

function clock(ms) {
  const when = new Date(ms);
  const today = when.toDateString() === new Date().toDateString();
  const time = when.toLocaleTimeString([], {hour: "2-digit", minute: "2-digit"});
  return today ? time : when.toLocaleDateString() + " " + time;
}

// http and https only; marks at the end of a sentence are no part of the link.
function addText(into, text) {
  let end = 0;
  for (const match of text.matchAll(/https?:\/\/[^\s<>"'\u3000-\u303f\uff00-\uff0f]+/gi)) {
    const address = match[0].replace(/[.,;:!?)\]}]+$/, "");
    into.append(text.slice(end, match.index));
    end = match.index + address.length;
    const link = element("a", address);
    link.href = address;
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    into.append(link);
  }
  into.append(text.slice(end));
}

function showNumbers(numbers) {
  byId("empty").hidden = numbers.length > 0;
  const rows = numbers.map((one) => {
    const link = element("a");
    link.href = "#" + encodeURIComponent(one.number);
    if (one.number === current) {
      link.setAttribute("aria-current", "true");
      seen.set(one.number, one.last_id);
    }
    const top = element("div", undefined, "top");
    const fresh = (seen.get(one.number) || 0) < one.last_id;
    top.append(element("b", one.number, fresh ? "new" : ""),
      element("time", clock(one.last_time_ms)));
    link.append(top, element("div", one.last_text, "last"));
    const row = element("li");
    row.append(link);
    return row;
  });
  byId("numbers").replaceChildren(...rows);
}

// "2026-12-10T23:40:05+09:00" as the phone's owner reads it.
function onTheWall(time) {
  return time.local_time.slice(0, 10) + " " + time.local_time.slice(11, 16) + " " + time.zone;
}

// When it rang, or would have, and whether that is at night.
function ringing(one) {
  if (one.direction === "sent") return {text: onTheWall(one), night: false};
  if (one.rang) return {text: "rang " + onTheWall(one), night: one.night};
  const gaveUp = "did not ring, the carrier gave up " + onTheWall(one);
  if (!one.would_ring) return {text: gaveUp, night: false};
  return {text: gaveUp + "; it would have rung " + onTheWall(one.would_ring),
    night: one.would_ring.night};
}

const encodings = {gsm7: "GSM-7", ucs2: "UCS-2", latin1: "Latin-1", ascii: "ASCII", binary: "data"};

function showMessages(messages) {
  const list = byId("messages");
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
  list.replaceChildren(...messages.map((one) => {
    const row = element("li", undefined, one.direction + (one.rang ? "" : " silent"));
    const ring = ringing(one);
    const bubble = element("div", undefined, "bubble");
    addText(bubble, one.text);
    const segments = one.segments === 1 ? "1 segment" : one.segments + " segments";
    const parts = [(one.direction === "sent" ? "to " : "from ") + one.with, ring.text,
      segments, encodings[one.encoding] || one.encoding];
    if (!one.complete) parts.push("incomplete");
    row.append(bubble, element("span", parts.join(" \u00b7 "), "small"));
    if (ring.night)
      row.append(element("span", one.rang ? "at night" : "would be at night", "night"));
    return row;
  }));
  if (atEnd) list.scrollTop = list.scrollHeight;
  const senders = messages.filter((one) => one.direction === "received").map((one) => one.with);
  const to = byId("to");
  if (!to.value) to.value = senders.pop() || "";
}

async function read(path) {
  const answer = await fetch(path, {cache: "no-store"});
  if (!answer.ok) throw new Error((await answer.json()).error);
  return answer.json();
}

async function poll() {
  try {
    const asked = current;
    const numbers = (await read("/api/numbers")).numbers;
    const text = JSON.stringify([numbers, asked]);
    if (text !== shownNumbers) { shownNumbers = text; showNumbers(numbers); }
    if (asked) {
      const inbox = await read("/api/inbox?number=" + encodeURIComponent(asked));
      const all = JSON.stringify(inbox);
      if (asked === current && all !== shownMessages) {
        shownMessages = all;
        showMessages(inbox.messages);
      }
    }
    byId("state").textContent = "";
  } catch (error) {
    byId("state").textContent = "The carrier does not answer";
  }
}

async function loop() {
  if (!document.hidden) await poll();
  setTimeout(loop, 1000);
}

function route() {
  let number = "";
  try { number = decodeURIComponent(location.hash.slice(1)); } catch (error) { number = ""; }
  current = number;
  shownMessages = "";
  byId("app").dataset.view = number ? "thread" : "list";
  byId("title").textContent = number;
  byId("messages").replaceChildren();
  byId("to").value = "";
  byId("note").textContent = "";
  poll();
}

byId("reply").addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = event.target.querySelector("button");
  const text = byId("text").value;
  if (!text) return;
  button.disabled = true;
  try {
    const answer = await fetch("/api/replies", {method: "POST",
      headers: {"Content-Type": "application/json"},
      body: JSON.stringify({from: current, to: byId("to").value.trim(), text})});
    const body = await answer.json();
    byId("note").textContent = answer.ok ? "" : "Not sent: " + body.error;
    if (answer.ok) byId("text").value = "";
  } catch (error) {
    byId("note").textContent = "Not sent: the carrier does not answer";
  }
  button.disabled = false;
  poll();
});
byId("text").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  byId("reply").requestSubmit();
});
byId("go").addEventListener("submit", (event) => {
  event.preventDefault();
  const number = byId("go-number").value.trim();
  if (number) location.hash = encodeURIComponent(number);
});
window.addEventListener("hashchange", route);
route();
loop();
)js";

}  // namespace hikyaku::bench
