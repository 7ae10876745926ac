// How figures are written for people, in one language whatever the browser's: the page has one.
const LOCALE = "en-GB";
const whole = new Intl.NumberFormat(LOCALE);
const short = new Intl.NumberFormat(LOCALE, { notation: "compact", maximumFractionDigits: 1 });
const dayAndMonth = format({ day: "numeric", month: "short" });
const wholeDay = format({ weekday: "short", day: "numeric", month: "short", year: "numeric" });
const clock = format({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
const minuteOfDay = format({ hour: "2-digit", minute: "2-digit" });

function format(parts) {
  return new Intl.DateTimeFormat(LOCALE, { ...parts, timeZone: "UTC" });
}

export const count = (value) => whole.format(value);
export const shortCount = (value) => (Math.abs(value) < 10000 ? count(value) : short.format(value));
export const day = (iso) => dayAndMonth.format(new Date(iso));
export const longDay = (iso) => wholeDay.format(new Date(iso));
export const time = (iso) => clock.format(new Date(iso));
export const minute = (iso) => minuteOfDay.format(new Date(iso));
export const moment = (iso) => `${day(iso)}, ${minute(iso)} UTC`;

// Minor units as money: how many of them make a unit is the currency's affair.
export function money(minor, currency, options = {}) {
  const plain = { style: "currency", currency, currencyDisplay: "narrowSymbol" };
  const digits = new Intl.NumberFormat(LOCALE, plain).resolvedOptions().maximumFractionDigits;
  return new Intl.NumberFormat(LOCALE, { ...plain, ...options }).format(minor / 10 ** digits);
}

export function shortMoney(minor, currency) {
  return money(minor, currency, {
    notation: "compact",
    minimumFractionDigits: 0,
    maximumFractionDigits: 1,
  });
}

export function milliseconds(value) {
  if (value === null) return "none";
  const short = (figure) => (figure < 10 ? Number(figure.toFixed(1)) : Math.round(figure));
  return value < 1000 ? `${short(value)} ms` : `${short(value / 1000)} s`;
}

// The largest two units at most: what matters is whether it is minutes or days.
export function duration(seconds) {
  const units = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
  const first = units.findIndex(([, size]) => seconds >= size);
  if (first < 0) return "0 s";
  const [name, size] = units[first];
  const large = `${Math.floor(seconds / size)} ${name}`;
  const [nextName, nextSize] = units[first + 1] ?? [null, 1];
  const rest = Math.floor((seconds % size) / nextSize);
  return nextName === null || rest === 0 ? large : `${large} ${rest} ${nextName}`;
}
