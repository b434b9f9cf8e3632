/**
 * The two semantics: what each method does to a page. Classic is one small table on top of
 * standard.
 */

export type Semantics = 'classic' | 'standard';

/** Methods that are known; those that are not taken answer 405, all others 501. */
export const methods = [
  'GET',
  'HEAD',
  'PUT',
  'POST',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
] as const;

export type Method = (typeof methods)[number];

/** What a request does. */
export type Action = 'read' | 'insert' | 'replace' | 'remove' | 'describe';

const standard: Readonly<Record<Method, Action | undefined>> = {
  GET: 'read',
  HEAD: 'read',
  PUT: 'replace',
  POST: 'replace',
  PATCH: 'insert',
  DELETE: 'remove',
  OPTIONS: 'describe',
  TRACE: undefined,
};

const actions: Readonly<Record<Semantics, Readonly<Record<Method, Action | undefined>>>> = {
  standard,
  classic: { ...standard, PUT: 'insert' },
};

/** What `method` does; `undefined` when it is not taken. */
export function actionOf(method: Method, semantics: Semantics): Action | undefined {
  return actions[semantics][method];
}

/** The `Allow` of a page: every method that is taken. */
export const allowedMethods = methods.filter((method) => standard[method] !== undefined).join(', ');

/** The `Allow` of a folder that has no index page, and of what may only be read. */
export const allowedReadMethods = 'GET, HEAD, OPTIONS';

/** The content types of an insert, as `Accept-Patch` lists them (RFC 5789 section 3.1). */
export const acceptPatch = 'text/html, text/plain';

/** Whether the method changes nothing (RFC 9110 section 9.2.1). */
export function isSafe(action: Action): boolean {
  return action === 'read' || action === 'describe';
}

/** Whether it may undo what its client never saw: an insert leaves all that was there. */
export function overwrites(action: Action): boolean {
  return action === 'replace' || action === 'remove';
}
