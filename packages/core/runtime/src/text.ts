const UUID = "\\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\\b";
const DATE_TIME = "\\b\\d{4}-\\d{2}-\\d{2}[ T]\\d{2}:\\d{2}";
const PHONE = "\\+?\\d(?:[\\s().-]{0,2}\\d){9,14}";
const MASKABLE = new RegExp(`${UUID}|${DATE_TIME}|(${PHONE})`, "gi");

/**
 * Hides every phone-like run of 10–15 digits (spaces, dots, dashes and parentheses allowed inside) but its last 4 digits.
 * Ids and instants, which operators must be able to read in log lines, are not phones.
 */
export function maskPhones(text: string): string {
  return text.replace(MASKABLE, (run, phone?: string) =>
    phone === undefined ? run : `***${phone.replace(/\D/g, "").slice(-4)}`,
  );
}

/** At most `max` Unicode code points, without NUL and lone surrogates, so that JSON and PostgreSQL accept the text. */
export function safeText(text: string, max: number): string {
  const clean = text.replaceAll("\u0000", "").toWellFormed();
  // A code point has at most two UTF-16 units: cut coarsely first so that a huge body is not spread into an array.
  const points = [...clean.slice(0, max * 2)];
  return points.length <= max ? points.join("") : points.slice(0, max).join("");
}

/** Error text as stored and logged: phones masked, at most 500 code points. */
export function safeErrorText(text: string): string {
  return safeText(maskPhones(text), 500);
}
