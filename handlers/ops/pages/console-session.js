// Signing in, staying signed in, and asking the server. The tokens are of this tab alone, and of
// its duplicates: they are gone when it is closed, and no other page of the browser can read them.
const KEPT = "agora-console-session";

export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export class Unreachable extends Error {}

export class SignedOut extends Error {}

let session = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
let renewing = null;

export const identity = () => session?.email ?? null;

export async function signIn(email, password) {
  const { data } = await send("POST", "/api/v1/admin/login", { email, password });
  keep({ email, access: data.access_token, refresh: data.refresh_token });
}

// This session alone, by its refresh token, which lives longer than the access token.
export async function signOut() {
  const ended = session;
  keep(null);
  if (ended) await send("POST", "/api/logout/", { refresh: ended.refresh });
}

// Ask with the access token; one that has run out is renewed once.
export async function ask(method, path) {
  if (!session) throw new SignedOut("You are signed out");
  const used = session.access;
  try {
    return await send(method, path, undefined, used);
  } catch (problem) {
    if (problem.status !== 401) throw problem;
  }
  if (session?.access === used) await renew();
  if (!session) throw new SignedOut("Your session has ended; sign in again");
  return send(method, path, undefined, session.access);
}

// By the route whose refresh tokens stay good: a duplicated tab has the same one, and a token that
// were used up by one of the two would end the session when the other comes with it.
async function renew() {
  const { refresh } = session;
  // Several requests may find out at once.
  renewing ??= send("POST", "/api/token/refresh/", { refresh });
  try {
    const { access } = await renewing;
    // Somebody may have signed out meanwhile.
    if (session?.refresh === refresh) keep({ ...session, access });
  } catch (problem) {
    if (!(problem instanceof Refused) || problem.status >= 500) throw problem;
    if (session?.refresh === refresh) keep(null);
  } finally {
    renewing = null;
  }
}

function keep(changed) {
  session = changed;
  if (changed) sessionStorage.setItem(KEPT, JSON.stringify(changed));
  else sessionStorage.removeItem(KEPT);
}

async function send(method, path, body, token) {
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  let response;
  try {
    response = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  } catch {
    throw new Unreachable("The server can't be reached");
  }
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  throw new Refused(response.status, answer.error?.message ?? answer.error ?? "It was refused");
}
