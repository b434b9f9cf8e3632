/** The request target (RFC 9112 section 3.2) and the authority it is meant for. */

/**
 * A target that was understood. `path` begins with `/`, still percent-encoded; `query` is without
 * `?`.
 */
export type Target =
  | { readonly form: 'origin'; readonly path: string; readonly query: string | undefined }
  | {
      readonly form: 'absolute';
      readonly path: string;
      readonly query: string | undefined;
      readonly authority: string;
    }
  | { readonly form: 'authority'; readonly authority: string }
  | { readonly form: 'asterisk' };

/** `undefined` where the target is none of the four forms, or not the one that the method takes. */
export function takeTarget(method: string, target: string): Target | undefined {
  if (method === 'CONNECT') {
    return isAuthority(target) && /:[0-9]+$/.test(target)
      ? { form: 'authority', authority: target }
      : undefined;
  }
  if (target === '*') return method === 'OPTIONS' ? { form: 'asterisk' } : undefined;
  if (target.startsWith('/')) return { form: 'origin', ...splitQuery(target) };
  return takeAbsolute(method, target);
}

function takeAbsolute(method: string, target: string): Target | undefined {
  const match = /^https?:\/\/([^/?]*)(.*)$/i.exec(target);
  if (match === null) return undefined;
  const [, authority = '', rest = ''] = match;
  // `isAuthority` refuses userinfo: it would only serve to disguise a host (RFC 9110 4.2.4).
  if (authority === '' || !isAuthority(authority)) return undefined;
  // OPTIONS of a whole server through a proxy has no path at all (RFC 9112 3.2.4).
  if (rest === '' && method === 'OPTIONS') return { form: 'asterisk' };
  const { path, query } = splitQuery(rest.startsWith('/') ? rest : `/${rest}`);
  return { form: 'absolute', path, query, authority };
}

function splitQuery(target: string): { path: string; query: string | undefined } {
  const mark = target.indexOf('?');
  return mark === -1
    ? { path: target, query: undefined }
    : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

const registeredName = /^(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*$/;
const ipvFuture = /^[vV][0-9A-Fa-f]+\.[A-Za-z0-9._~!$&'()*+,;=:-]+$/;

/**
 * `host [ ":" port ]` (RFC 3986 section 3.2) with no userinfo. An empty host is one, as in `Host:`.
 */
export function isAuthority(text: string): boolean {
  const match = /^(\[[^\]]*\]|[^:[\]]*)(?::([0-9]*))?$/.exec(text);
  if (match === null) return false;
  const [, host = '', port = ''] = match;
  if (port !== '' && Number(port) > 65_535) return false;
  if (!host.startsWith('[')) return registeredName.test(host);
  const literal = host.slice(1, -1);
  return isIpv6(literal) || ipvFuture.test(literal);
}

function isIpv6(text: string): boolean {
  const [left = '', right, ...more] = text.split('::');
  if (more.length > 0) return false;
  const leftGroups = countGroups(left, right === undefined);
  const rightGroups = right === undefined ? 0 : countGroups(right, true);
  if (leftGroups === undefined || rightGroups === undefined) return false;
  const groups = leftGroups + rightGroups;
  // "::" stands for at least one group of zeros.
  return right === undefined ? groups === 8 : groups <= 7;
}

/** How many 16-bit groups `text` writes out; `undefined` when it is malformed. */
function countGroups(text: string, mayEndInIpv4: boolean): number | undefined {
  if (text === '') return 0;
  const parts = text.split(':');
  const last = parts.at(-1) ?? '';
  const ipv4 = mayEndInIpv4 && last.includes('.');
  if (ipv4) {
    const octets = last.split('.');
    const valid = octets.every(
      (octet) => /^(0|[1-9][0-9]{0,2})$/.test(octet) && Number(octet) < 256,
    );
    if (octets.length !== 4 || !valid) return undefined;
    parts.pop();
  }
  if (!parts.every((part) => /^[0-9A-Fa-f]{1,4}$/.test(part))) return undefined;
  return parts.length + (ipv4 ? 2 : 0);
}
