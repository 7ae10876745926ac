// What the console shows of the figures, panel by panel.
import { Chart, node } from "./charts.js";
import {
  count, day, duration, longDay, milliseconds, minute, moment, money, shortCount, shortMoney,
} from "./format.js";

const KINDS = {
  parents: "Parents and others", children: "Children", inactive: "Inactive, of all",
  superadmin: "Superadmins", admin: "Admins", manager: "Managers",
  customer_experience: "Customer experience",
};
const QUEUES = { exams: "Exams", requirement_tables: "Requirement tables" };
const LONG_WAIT_SECONDS = 300;

const by = (id) => document.getElementById(id);
const sum = (values) => values.reduce((all, value) => all + value, 0);
const last = (values) => values.at(-1);

export class Panels {
  // `retry` tries a dead letter again by its id, all of them for null; it answers in words.
  constructor(retry) {
    this.retry = retry;
    this.charts = {
      requests: new Chart("Requests a minute", "minute"),
      latency: new Chart("Latency", "minute"),
      signups: new Chart("Signups a day", "day"),
      posts: new Chart("Posts a day", "day"),
      orders: new Chart("Orders a day", "day"),
    };
    this.revenue = new Map();
    by("traffic").append(this.charts.requests.root, this.charts.latency.root);
    by("people").append(this.charts.signups.root, this.charts.posts.root);
    by("shop").append(this.charts.orders.root);
    by("retry-all").addEventListener("click", (event) => this.tryAgain(null, event.target));
  }

  show(data) {
    this.showTiles(data);
    this.showTraffic(data.traffic);
    this.showDays(data);
    this.showRevenue(data);
    showPlans(data.subscriptions);
    showKinds(data.accounts);
    showReviews(data);
    showChannels(data.outbox);
    this.showDeadLetters(data);
  }

  showTiles({ accounts, posts_by_day: posts, sales, review_queues: queues, outbox, traffic }) {
    const revenue = sales.revenue.map(({ currency, minor_by_day: minor }) =>
      money(last(minor), currency));
    const dead = sum(outbox.map((channel) => channel.dead));
    const failed = sum(traffic.map((each) => each.server_errors));
    const recent = traffic.slice(-6, -1);
    const latest = traffic.findLast((each) => each.p95_ms !== null);
    by("tiles").replaceChildren(
      tile("Accounts", count(accounts.total), `${count(accounts.active)} active`),
      tile("Signups today", count(last(accounts.signups_by_day))),
      tile("Posts today", count(last(posts))),
      tile("Orders today", count(last(sales.orders_by_day)), cancelledToday(sales)),
      tile("Revenue today", revenue.join(" ") || "0"),
      tile("Awaiting review", count(sum(queues.map((queue) => queue.waiting)))),
      tile("Given up messages", count(dead), "", dead > 0),
      tile("Requests a minute", shortCount(Math.round(sum(recent.map((m) => m.requests)) / 5)),
        "over 5 minutes"),
      tile("95 % answered in", latest ? milliseconds(latest.p95_ms) : "–",
        latest ? `at ${minute(latest.at)}` : ""),
      tile("Server errors", count(failed), "in the last hour", failed > 0),
    );
  }

  showTraffic(traffic) {
    const shared = {
      labels: traffic.map(({ at }) => minute(at)),
      places: traffic.map(({ at }) => `${minute(at)} UTC`),
      anchor: traffic.findIndex(({ at }) => at.endsWith(":00:00Z")), strides: [5, 10, 15, 20, 30],
    };
    const of = (name) => traffic.map((each) => each[name]);
    const failed = of("server_errors");
    const refused = of("client_errors");
    const fine = of("requests").map((all, place) => all - failed[place] - refused[place]);
    this.charts.requests.show({
      ...shared, kind: "bars", running: true, least: 1, value: count, tick: shortCount,
      summary: `${count(sum(of("requests")))} in the last hour, ${count(sum(refused))} refused`
        + ` (4xx), ${count(sum(failed))} failed (5xx)`,
      series: [
        { name: "Answered", mark: "one", values: fine },
        { name: "Refused (4xx)", mark: "two", values: refused },
        { name: "Failed (5xx)", mark: "three", values: failed },
      ],
    });
    const slowest = Math.max(...of("p99_ms").map((value) => value ?? 0));
    this.charts.latency.show({
      ...shared, kind: "lines", value: milliseconds, tick: milliseconds,
      summary: `99 of 100 within ${milliseconds(slowest)} in the slowest minute`,
      series: [
        { name: "Half within", mark: "one", values: of("p50_ms") },
        { name: "95 % within", mark: "two", values: of("p95_ms") },
        { name: "99 % within", mark: "three", values: of("p99_ms") },
      ],
    });
  }

  showDays({ days, accounts, posts_by_day: posts, sales }) {
    const plain = (values, name, mark = "one") => ({ name, mark, values });
    const counts = { ...daily(days), value: count, tick: shortCount, least: 1 };
    const { signups_by_day: signups } = accounts;
    this.charts.signups.show({
      ...counts, summary: inAll(signups), series: [plain(signups, "Signups")],
    });
    this.charts.posts.show({ ...counts, summary: inAll(posts), series: [plain(posts, "Posts")] });
    const cancelled = sales.cancelled_by_day;
    const kept = sales.orders_by_day.map((all, place) => all - cancelled[place]);
    this.charts.orders.show({
      ...counts,
      summary: `${inAll(sales.orders_by_day)}, ${count(sum(cancelled))} of them cancelled`,
      series: [plain(kept, "Kept"), plain(cancelled, "Cancelled", "muted")],
    });
  }

  // A chart for each currency: amounts of different ones can't be added, nor share an axis.
  showRevenue({ days, sales }) {
    const wanted = new Set(sales.revenue.map(({ currency }) => currency));
    for (const [currency, chart] of this.revenue) {
      if (!wanted.has(currency)) chart.root.remove();
      if (!wanted.has(currency)) this.revenue.delete(currency);
    }
    for (const { currency, minor_by_day: values } of sales.revenue) {
      if (!this.revenue.has(currency)) {
        const chart = new Chart(`Revenue a day, ${currency}`, "day");
        this.revenue.set(currency, chart);
        by("shop").append(chart.root);
      }
      this.revenue.get(currency).show({
        ...daily(days),
        value: (minor) => money(minor, currency), tick: (minor) => shortMoney(minor, currency),
        summary: `${money(sum(values), currency)} in all, ${money(last(values), currency)} today`,
        series: [{ name: "Revenue", mark: "one", values }],
      });
    }
  }

  showDeadLetters({ outbox, dead_letters: letters }) {
    const all = sum(outbox.map((channel) => channel.dead));
    const more = all > letters.length ? `, the newest ${letters.length}` : "";
    by("dead-title").textContent = all ? `Given up: ${count(all)}${more}` : "Nothing was given up";
    by("retry-all").hidden = all === 0;
    // Left alone while it is the same: who goes through it by keyboard keeps the place.
    const shown = JSON.stringify(letters);
    if (shown === this.shownLetters) return;
    this.shownLetters = shown;
    by("dead-letters").replaceChildren(...letters.map((letter) => this.letter(letter)));
  }

  letter(letter) {
    const subject = letter.subject ? `: ${letter.subject}` : "";
    const facts = `${letter.channel} · ${letter.kind} · ${moment(letter.created_at)}`
      + ` · ${count(letter.attempts)} ${letter.attempts === 1 ? "attempt" : "attempts"}`;
    const button = node("button", { class: "quiet" }, letter.is_too_late ? "Too late" : "Retry");
    button.setAttribute("aria-label", `${button.textContent}: to ${letter.to}${subject}`);
    button.disabled = letter.is_too_late;
    button.addEventListener("click", () => this.tryAgain(letter.id, button));
    return node("li", {}, node("strong", {}, `To ${letter.to}${subject}`), button,
      node("p", { class: "bad-text" }, letter.last_error ?? "No reason was kept"),
      node("p", { class: "facts" }, facts));
  }

  async tryAgain(messageId, button) {
    button.disabled = true;
    by("retried").textContent = "Retrying…";
    by("retried").textContent = await this.retry(messageId);
    button.disabled = false;
    // The button is gone with its letter; who uses the keyboard goes on from here.
    if (!button.isConnected) by("retried").focus();
  }
}

function tile(title, value, detail = "", isBad = false) {
  const figure = node("dd", {}, value);
  if (detail) figure.append(node("small", {}, detail));
  return node("div", isBad ? { class: "bad" } : {}, node("dt", {}, title), figure);
}

function cancelledToday(sales) {
  const cancelled = last(sales.cancelled_by_day);
  return cancelled ? `${count(cancelled)} cancelled` : "";
}

function daily(days) {
  return {
    kind: "bars", running: true, labels: days.map(day), places: days.map(longDay),
    anchor: days.length - 1, strides: [1, 2, 7, 14],
  };
}

function inAll(values) {
  return `${count(sum(values))} in all, ${count(last(values))} today`;
}

// The names of columns; one that is a part of a bar has its mark, too.
function head(...columns) {
  const cells = columns.map((column) => {
    const [name, mark] = [column].flat();
    return node("th", { scope: "col", ...(mark && { class: `mark-${mark}` }) }, name);
  });
  return node("thead", {}, node("tr", {}, ...cells));
}

// A table's rows: the first cell of each names it.
function fill(table, columns, rows) {
  const body = rows.map(([first, ...cells]) => node("tr", {},
    node("th", { scope: "row" }, ...[first].flat()),
    ...cells.map((cell) => node("td", {}, ...[cell].flat()))));
  table.tHead?.remove();
  for (const old of [...table.tBodies]) old.remove();
  table.append(head(...columns), node("tbody", {}, ...body));
}

// Parts of a whole as a bar, whose figures stand beside it.
function share(parts, whole) {
  const bar = node("span", { class: "share", "aria-hidden": "true" });
  for (const [value, mark] of parts) {
    if (!value) continue;
    const part = node("i", { class: `mark-${mark}` });
    part.style.width = `${(100 * value) / whole}%`;
    bar.append(part);
  }
  return bar;
}

function showPlans(plans) {
  const most = Math.max(1, ...plans.map(({ active, cancelled }) => active + cancelled));
  const rows = plans.map((plan) => {
    const name = plan.is_offered ? plan.display_name : `${plan.display_name} (not offered)`;
    const bar = share([[plan.active, "one"], [plan.cancelled, "two"]], most);
    return [[name, bar], count(plan.active), count(plan.cancelled), count(plan.expired)];
  });
  fill(by("plans"), ["Plan", ["Active", "one"], ["Cancelled", "two"], "Expired"],
    rows.length ? rows : [["There are no plans", "", "", ""]]);
}

function showKinds({ total, parents, children, inactive, with_role: roles }) {
  const rows = Object.entries({ parents, children, inactive, ...roles });
  fill(by("kinds"), ["Kind", "Accounts"], rows.map(([kind, value]) =>
    [[KINDS[kind] ?? kind, share([[value, "one"]], Math.max(1, total))], count(value)]));
}

function showReviews({ at, review_queues: queues }) {
  fill(by("reviews"), ["What", "Waiting", "The oldest for"], queues.map((queue) => [
    QUEUES[queue.kind] ?? queue.kind,
    count(queue.waiting),
    queue.oldest_at ? duration((Date.parse(at) - Date.parse(queue.oldest_at)) / 1000) : "–",
  ]));
}

function showChannels(channels) {
  fill(by("channels"), ["Channel", "Pending", "Put off", "The oldest for", "Given up"],
    channels.map((channel) => {
      const waits = channel.oldest_pending_seconds;
      const oldest = node("span", {}, waits === null ? "–" : duration(waits));
      if (!channel.is_held && waits > LONG_WAIT_SECONDS) oldest.className = "bad-text";
      const held = channel.is_held ? [node("small", {}, "held: it has no sender")] : [];
      return [[channel.channel === "sms" ? "SMS" : "Mail", ...held], count(channel.pending),
        count(channel.put_off), oldest, count(channel.dead)];
    }));
}
