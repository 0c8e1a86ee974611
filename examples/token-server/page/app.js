"use strict";

// Everything goes into the page as text, never as HTML: name and attributes are
// what somebody typed.
const $ = (id) => document.getElementById(id);

async function ask(route, body) {
  const headers = { "Content-Type": "application/json" };
  if (body.role !== "viewer") headers.Authorization = "Bearer " + $("code").value;
  const answer = await fetch(route, { method: "POST", headers, body: JSON.stringify(body), cache: "no-store" });
  const out = await answer.json();
  if (!answer.ok) throw new Error(out.error);
  return out;
}

// part decodes a part of the token: base64url of JSON in UTF-8.
function part(token, i) {
  const bytes = atob(token.split(".")[i].replaceAll("-", "+").replaceAll("_", "/"));
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(bytes, (c) => c.charCodeAt(0))));
}

function show(out) {
  $("none")?.remove();
  const card = $("card").content.cloneNode(true).firstElementChild;
  const set = (name, text) => { card.querySelector("." + name).textContent = text; };
  set("role", out.role);
  set("id", out.participantId);
  set("head", JSON.stringify(part(out.token, 0), null, 2));
  set("payload", JSON.stringify(part(out.token, 1), null, 2));
  set("token", out.token);
  const expires = new Date(out.expiresAt);
  const tick = () => {
    const left = Math.round((expires - Date.now()) / 1000);
    card.classList.toggle("over", left <= 0);
    set("life", left <= 0 ? "expired" : `expires ${expires.toLocaleString()}, in ${Math.floor(left / 60)} min ${left % 60} s`);
  };
  tick();
  setInterval(tick, 1000);
  for (const button of card.querySelectorAll(".exchange button")) {
    button.addEventListener("click", () => attempt("api/exchange", { role: button.value, token: out.token }));
  }
  $("tokens").prepend(card);
}

async function attempt(route, body) {
  $("problem").hidden = true;
  try {
    show(await ask(route, body));
  } catch (e) {
    $("problem").textContent = e.message;
    $("problem").hidden = false;
  }
}

$("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt("api/token", { role: $("role").value, name: $("name").value });
});
