"use strict";

// Where each kind of account signs in and registers, and where the answer has the token.
const KINDS = {
  email: {
    label: "Email",
    login: "/api/v1/auth/login",
    register: "/api/v1/auth/register",
    body: (identifier, password) => ({ email: identifier, password, name: "New User" }),
    token: (answer) => answer.token,
  },
  phone: {
    label: "Phone number",
    login: "/api/login/",
    register: "/api/register/",
    body: (identifier, password) => ({ phone_number: identifier, password }),
    token: (answer) => answer.access,
  },
  admin: {
    label: "Email",
    login: "/api/v1/admin/login",
    register: null,
    body: (identifier, password) => ({ email: identifier, password }),
    token: (answer) => answer.token,
  },
};

// Swagger UI has dark colours, and leaves it to the page when to use them.
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

const exploring = explore();
const form = document.getElementById("sign-in");
const kind = document.getElementById("kind");
const told = document.getElementById("told");

function showKind() {
  document.getElementById("identifier-label").textContent = KINDS[kind.value].label;
  document.getElementById("register").hidden = KINDS[kind.value].register === null;
}
kind.addEventListener("change", showKind);
// It may have been chosen while this script was on its way.
showKind();

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const chosen = KINDS[kind.value];
  const identifier = document.getElementById("identifier").value;
  const body = chosen.body(identifier, document.getElementById("password").value);
  told.textContent = "…";
  try {
    let answer = await send(chosen[event.submitter.value], body);
    // A forum account gets its tokens by signing in.
    if (!chosen.token(answer)) answer = await send(chosen.login, body);
    (await exploring).preauthorizeApiKey("bearer", chosen.token(answer));
    told.textContent = `Signed in as ${identifier}`;
  } catch (problem) {
    told.textContent = problem.message;
  }
});

async function explore() {
  const response = await fetch("/openapi.json");
  const spec = await response.json();
  // An alias refers to the path that it is an alias of; Swagger UI hangs on some dozens of those.
  for (const [path, item] of Object.entries(spec.paths)) {
    if (item.$ref) delete spec.paths[path];
  }
  return SwaggerUIBundle({
    spec,
    dom_id: "#explorer",
    deepLinking: true,
    docExpansion: "none",
    filter: true,
    tryItOutEnabled: true,
    validatorUrl: null,
  });
}

async function send(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error.message ?? answer.error);
  return answer;
}
