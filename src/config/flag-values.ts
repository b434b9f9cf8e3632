/** The values of flags, as text in, checked: each function throws a `BadFlag` for what is none. */

/** A value that a flag does not take; the message is one sentence that says what was expected. */
export class BadFlag extends Error {
  override readonly name = 'BadFlag';
}

function check(holds: boolean, message: string): asserts holds {
  if (!holds) throw new BadFlag(message);
}

/** @param expected what to say of the empty text */
export function takeText(text: string, expected: string): string {
  check(text !== '', expected);
  return text;
}

/** A whole number between `min` and `max`, as text. */
export function takeCount(flag: string, text: string, min: number, max: number): number {
  const value = /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN;
  check(value >= min && value <= max, `${flag} takes a whole number from ${min} to ${max}`);
  return value;
}

export function takeOneOf<Name extends string>(
  flag: string,
  text: string,
  names: readonly Name[],
): Name {
  const found = names.find((name) => name === text);
  check(
    found !== undefined,
    `${flag} takes ${names.slice(0, -1).join(', ')} or ${names.at(-1) ?? ''}`,
  );
  return found;
}

/** Names separated by commas, without ports; `*` for every name. In lower case. */
export function takeHosts(flag: string, text: string): string[] {
  const names = text.split(',').map((name) => name.trim().toLowerCase());
  const areNames = names.every((name) => /^(?:\*|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)$/.test(name));
  check(areNames, `${flag} takes names without a port, separated by commas, or *`);
  return names;
}

const originPattern = /^(?:null|https?:\/\/(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?)$/;

/** Origins as browsers write them, separated by commas; `null` is what a page in a file has. */
export function takeOrigins(flag: string, text: string): string[] {
  const origins = text.split(',').map((origin) => origin.trim().toLowerCase());
  check(
    origins.every((origin) => originPattern.test(origin)),
    `${flag} takes origins such as http://localhost:5173, separated by commas`,
  );
  return origins;
}

/** What `Cache-Control` says of the pages whose paths match. */
export interface CacheRule {
  readonly pattern: string;
  readonly value: string;
}

/** `/assets/*=max-age=31536000, immutable` */
export function takeCacheRule(flag: string, text: string): CacheRule {
  const match = /^(\/[^=\s]*)=([!-~](?:[ -~]*[!-~])?)$/.exec(text);
  const [, pattern, value] = match ?? [];
  check(
    pattern !== undefined && value !== undefined,
    `${flag} takes a path pattern and a value, such as '/assets/*=max-age=3600'`,
  );
  return { pattern, value };
}
