/** The addresses of a server: the one it was given, and the one for programs on this machine. */

/** `http://127.0.0.1:8080/` */
export function serverUrl(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}/`;
}

/**
 * Where a program on this machine finds a server. A host that stands for every address is none to
 * connect to, and loopback is one of them.
 */
export function localUrl(host: string, port: number): string {
  if (/^0+(?:\.0+){0,3}$/.test(host)) return serverUrl('127.0.0.1', port);
  return serverUrl(/^[0:]*::[0:]*$/.test(host) ? '::1' : host, port);
}
