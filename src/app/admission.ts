/**
 * Who may ask and who may write: two rules that keep a web page which happens to be open in a
 * person's browser from reading or editing what this server serves to that person alone.
 */

import type { Fields } from '../http/message.ts';

export interface AdmissionRules {
  /** Whether the server listens at loopback only, so that its names are a browser's only fence. */
  readonly loopback: boolean;
  /** Further names that it answers to, in lower case; `*` stands for every name. */
  readonly allowedHosts: readonly string[];
  /** Origins whose pages may edit, as browsers write them: `http://localhost:5173`, or `null`. */
  readonly allowedOrigins: readonly string[];
}

export type AdmissionError = 'misdirected' | 'cross-origin';

/**
 * Names that nobody can register, so that no attacker's address can stand behind them (RFC 2606).
 */
const reservedNames = new Set(['example.com', 'example.net', 'example.org']);
const reservedEndings = ['.localhost', '.test', '.example', '.invalid'];

/**
 * @param authority the target's own, which outranks `Host` (RFC 9112 section 3.2.2)
 * @param safe whether the request changes nothing
 * @returns why the request is turned away; `undefined` when it may go on
 */
export function admissionError(
  rules: AdmissionRules,
  fields: Fields,
  authority: string | undefined,
  safe: boolean,
): AdmissionError | undefined {
  const effective = (authority ?? fields.only('host'))?.toLowerCase();
  // HTTP/1.0 needs no Host; no browser speaks it.
  if (rules.loopback && effective !== undefined && !isOwnName(effective, rules.allowedHosts)) {
    return 'misdirected';
  }
  return safe || mayEdit(rules, fields, effective) ? undefined : 'cross-origin';
}

/**
 * Whether a server at loopback may be meant. A name that an attacker owns can be made to lead here
 * after its page was loaded from elsewhere (DNS rebinding); the page would then count as ours.
 */
function isOwnName(authority: string, allowedHosts: readonly string[]): boolean {
  if (authority.startsWith('[')) return true;
  const host = authority.replace(/:[0-9]*$/, '').replace(/\.$/, '');
  // A name without a dot, `localhost` among them, is never looked up outside.
  if (!host.includes('.') || /^[0-9]{1,3}(?:\.[0-9]{1,3}){3}$/.test(host)) return true;
  if (reservedNames.has(host) || reservedEndings.some((ending) => host.endsWith(ending)))
    return true;
  return allowedHosts.includes('*') || allowedHosts.includes(host);
}

/** Whether no browser sent it, or one did for a page of this server or of an allowed origin. */
function mayEdit(rules: AdmissionRules, fields: Fields, authority: string | undefined): boolean {
  const origin = fields.combined('origin');
  if (origin !== undefined && rules.allowedOrigins.includes(origin)) return true;
  const site = fields.combined('sec-fetch-site');
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  if (origin === undefined) return true;
  return origin === `http://${authority}` || origin === `https://${authority}`;
}

/** Whether `host`, as it is given to listen at, can be reached from this machine only. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|127(?:\.[0-9]{1,3}){3}|::1)$/i.test(host);
}
