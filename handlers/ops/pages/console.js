// The console: signs in, looks at the figures every some seconds, shows them.
import { time, duration } from "./format.js";
import { Panels } from "./panels.js";
import { ask, identity, Refused, signIn, SignedOut, signOut, Unreachable } from "./session.js";

const PAUSE_MS = 15000;
const DATA = "/console/data";
// What is shown is no longer so: a message is gone, or it is too late for it.
const STALE = [404, 409];

const by = (id) => document.getElementById(id);
const panels = new Panels(retry);
let timer = null;
let shownAt = null;

by("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = event.target.querySelector("button");
  button.disabled = true;
  tell("");
  try {
    await signIn(by("email").value.trim(), by("password").value);
    by("password").value = "";
    await look();
  } catch (problem) {
    tell(problem.message);
  } finally {
    button.disabled = false;
  }
});

by("sign-out").addEventListener("click", async () => {
  leave("");
  try {
    await signOut();
    // What was shown is gone, too.
    location.reload();
  } catch (problem) {
    // The server has not heard of it, but this tab has forgotten the tokens.
    tell(`${problem.message}; the session ends by itself`);
  }
});

// A console that nobody looks at asks nothing.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) clearTimeout(timer);
  else if (identity()) look();
});

setInterval(showAge, 1000);
if (identity()) look();
else leave("");

async function look() {
  clearTimeout(timer);
  try {
    const data = await ask("GET", DATA);
    // Somebody may have signed out meanwhile.
    if (!identity()) return;
    enter();
    panels.show(data);
    shownAt = { at: data.at, since: performance.now() };
    tell("");
  } catch (problem) {
    await explain(problem);
  }
  showAge();
  clearTimeout(timer);
  if (identity() && !document.hidden) timer = setTimeout(look, PAUSE_MS);
}

async function explain(problem) {
  if (problem instanceof SignedOut) {
    leave(problem.message);
  } else if (problem instanceof Refused && problem.status === 403) {
    const email = identity();
    await signOut().catch(() => {});
    leave(`${email} may not see the console: it is for administrators without limits.`);
  } else if (problem instanceof Refused || problem instanceof Unreachable) {
    const still = shownAt ? ` What you see is of ${time(shownAt.at)} UTC.` : "";
    const why = problem.message.replace(/\.$/, "");
    tell(`${why}.${still} Trying again every ${PAUSE_MS / 1000} seconds.`);
  } else {
    throw problem;
  }
}

// Answers what came of it, in words.
async function retry(messageId) {
  const which = messageId === null ? "" : `/${encodeURIComponent(messageId)}`;
  try {
    const { retried, too_late: tooLate } = await ask("POST", `${DATA}/dead-letters${which}/retry`);
    await look();
    const late = tooLate ? ` It is too late for ${tooLate}.` : "";
    return `${retried} on the way again.${late}`;
  } catch (problem) {
    if (!STALE.includes(problem.status)) {
      await explain(problem);
      return "";
    }
    await look();
    return problem.message;
  }
}

function enter() {
  by("sign-in").hidden = true;
  by("console").hidden = false;
  by("who").hidden = false;
  by("identity").textContent = identity();
}

function leave(message) {
  clearTimeout(timer);
  shownAt = null;
  showAge();
  by("console").hidden = true;
  by("who").hidden = true;
  by("sign-in").hidden = false;
  tell(message);
}

function tell(message) {
  const trouble = by("trouble");
  // A screen reader tells what changes, and is not told the same again.
  if (trouble.textContent !== message) trouble.textContent = message;
  trouble.hidden = !message;
}

function showAge() {
  const told = by("freshness");
  const seconds = shownAt ? Math.floor((performance.now() - shownAt.since) / 1000) : 0;
  const age = seconds < 2 * (PAUSE_MS / 1000) ? "" : `, ${duration(seconds)} ago`;
  const text = shownAt ? `As of ${time(shownAt.at)} UTC${age}` : "";
  if (told.textContent !== text) told.textContent = text;
}
