/**
 * Reads the address of a server as people write it: `http://host:port`, `host:port`, `:8080`,
 * `8080`.
 */

import { isIPv6 } from 'node:net';
import type { Endpoint } from './exchange.ts';

const loopback = '127.0.0.1';
const httpPort = 80;
const portMax = 65_535;

/**
 * Letters, digits and what else stands in names and IPv4 addresses; no percent-coding, no Unicode.
 */
const hostPattern = /^[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_.])?$/;

/**
 * The endpoint that `text` names, or a sentence that says what is wrong with it. Without a host it
 * is this machine; `http://host` without a port means 80, as everywhere. A lone `/` at the end is
 * taken, so that the line which the server prints can be pasted; any longer path is refused, since
 * it would be silently lost.
 */
export function parseEndpoint(text: string): Endpoint | string {
  const trimmed = text.trim();
  if (trimmed === '') return 'the address is empty: expected host:port, such as 127.0.0.1:8080';
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(trimmed);
  const name = scheme?.[1]?.toLowerCase();
  if (name === 'https') return 'https is not spoken yet: use http://';
  if (name !== undefined && name !== 'http') return `the scheme ${name} is not spoken: use http://`;
  const rest = trimmed.slice(scheme?.[0].length ?? 0);
  const pathAt = rest.search(/[/?#]/);
  const path = pathAt < 0 ? '' : rest.slice(pathAt);
  if (path !== '' && path !== '/') {
    return `the address of a server has no path: leave out ${path}`;
  }
  const authority = rest.slice(0, rest.length - path.length).toLowerCase();
  if (authority.includes('@')) return 'a user name in the address is not taken: leave out user@';
  return parseAuthority(authority, name === 'http');
}

/** @param defaultsPort whether a missing port means 80 */
function parseAuthority(authority: string, defaultsPort: boolean): Endpoint | string {
  if (/^\d+$/.test(authority)) return endpointOf(loopback, authority);
  if (authority.startsWith('[')) {
    const end = authority.indexOf(']');
    const host = authority.slice(1, Math.max(end, 1));
    if (end < 0 || !isIPv6(host) || host.includes('%')) return `${authority} is no IPv6 address`;
    return withPort(host, authority.slice(end + 1), authority, defaultsPort);
  }
  if (isIPv6(authority)) return `an IPv6 address stands in brackets: [${authority}]:8080`;
  const colon = authority.indexOf(':');
  const host = colon < 0 ? authority : authority.slice(0, colon);
  if (host === '' && colon < 0) return 'the address has no host: expected http://host:port';
  if (host !== '' && !hostPattern.test(host)) return `${host} is no host name`;
  const rest = colon < 0 ? '' : authority.slice(colon);
  return withPort(host === '' ? loopback : host, rest, authority, defaultsPort);
}

function withPort(
  host: string,
  rest: string,
  authority: string,
  defaultsPort: boolean,
): Endpoint | string {
  if (rest === '' && defaultsPort) return endpointOf(host, String(httpPort));
  if (rest === '' || rest === ':') return `the address has no port: say ${authorityOf(host, 8080)}`;
  if (!rest.startsWith(':')) return `${authority} is no host and port`;
  return endpointOf(host, rest.slice(1));
}

function endpointOf(host: string, digits: string): Endpoint | string {
  const port = /^\d{1,5}$/.test(digits) ? Number(digits) : 0;
  if (port < 1 || port > portMax) return `${digits} is no port: expected 1 to ${portMax}`;
  return { host, port, authority: authorityOf(host, port) };
}

/** The default port is left out, as `Host` has it (RFC 9110 section 4.2.3). */
function authorityOf(host: string, port: number): string {
  const bracketed = host.includes(':') ? `[${host}]` : host;
  return port === httpPort ? bracketed : `${bracketed}:${port}`;
}
