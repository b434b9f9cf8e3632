/** Times as HTTP writes them (RFC 9110 section 5.6.7). */

/** `Sun, 06 Nov 1994 08:49:37 GMT`; the fraction of the second is dropped. */
export function formatHttpDate(ms: number): string {
  return new Date(ms).toUTCString();
}

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const longDays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

const imfFixdate = /^(\w{3}), (\d\d) (\w{3}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/;
const rfc850Date = /^(\w+), (\d\d)-(\w{3})-(\d\d) (\d\d):(\d\d):(\d\d) GMT$/;
const asctimeDate = /^(\w{3}) (\w{3}) ([ \d]\d) (\d\d):(\d\d):(\d\d) (\d{4})$/;

/** How far a two-digit year may lie in the future before it means the last century (5.6.7). */
const CENTURY_WINDOW_YEARS = 50;

/**
 * The time that a field gives, milliseconds since 1970, in any of the three forms that a recipient
 * must take; `undefined` for anything else. `nowMs` decides the century of a two-digit year.
 */
export function takeHttpDate(text: string, nowMs: number): number | undefined {
  let match = imfFixdate.exec(text);
  if (match !== null) {
    const [, day, date, month, year, hour, minute, second] = match;
    return days.includes(day ?? '')
      ? timeOf(Number(year), month, date, hour, minute, second)
      : undefined;
  }
  match = rfc850Date.exec(text);
  if (match !== null) {
    const [, day, date, month, year, hour, minute, second] = match;
    if (!longDays.includes(day ?? '')) return undefined;
    const thisYear = new Date(nowMs).getUTCFullYear();
    let fullYear = thisYear - (thisYear % 100) + Number(year);
    if (fullYear > thisYear + CENTURY_WINDOW_YEARS) fullYear -= 100;
    return timeOf(fullYear, month, date, hour, minute, second);
  }
  match = asctimeDate.exec(text);
  if (match === null) return undefined;
  const [, day, month, date, hour, minute, second, year] = match;
  if (!days.includes(day ?? '')) return undefined;
  return timeOf(Number(year), month, date, hour, minute, second);
}

function timeOf(
  year: number,
  monthName = '',
  date = '',
  hour = '',
  minute = '',
  second = '',
): number | undefined {
  const month = months.indexOf(monthName);
  if (month === -1 || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) {
    return undefined;
  }
  const ms = Date.UTC(year, month, Number(date), Number(hour), Number(minute), Number(second));
  const parsed = new Date(ms);
  // A leap second rolls over to the next minute; a day that the month does not have is no date.
  const rolled = Number(second) === 60;
  return rolled || parsed.getUTCDate() === Number(date) ? ms : undefined;
}
