/** What `Cache-Control` says of a page, by rules over its path. */

/** Without a rule: kept, but asked for again each time, so that nobody sees an old page. */
export const DEFAULT_CACHE_CONTROL = 'no-cache';

export interface CacheRule {
  /** A path that begins with `/`, where `*` stands for any characters. */
  readonly pattern: string;
  /** The field's value. */
  readonly value: string;
}

/** The value for a page, by the first rule whose pattern its path matches. */
export function cacheControl(rules: readonly CacheRule[], path: string): string {
  return rules.find(({ pattern }) => matches(pattern, path))?.value ?? DEFAULT_CACHE_CONTROL;
}

/** Whether `path` matches, `*` standing for any characters; linear in both for any input. */
export function matches(pattern: string, path: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return pattern === path;
  if (!path.startsWith(first)) return false;
  let position = first.length;
  for (const piece of rest) {
    const found = path.indexOf(piece, position);
    if (found === -1) return false;
    position = found + piece.length;
  }
  return path.length - last.length >= position && path.endsWith(last);
}
