/**
 * The configurations of the servers that are compared, as text. Each is what its own documentation
 * recommends for files, on one thread as Inkwire's socket side is, without a log.
 */

import type { Listening } from '../servers.ts';

/** How nginx serves: as it does best, or as one work needs it so that the comparison is fair. */
export interface NginxVariant {
  /** Whether files stay open between requests, and are not looked at for a minute. */
  readonly openFileCache: boolean;
  /** Fills packets before it sends; it makes pipelined answers wait for each other. */
  readonly tcpNopush: boolean;
}

export const nginxHot: NginxVariant = { openFileCache: true, tcpNopush: true };
/** Inkwire looks at each file, so nginx does. */
export const nginxCold: NginxVariant = { openFileCache: false, tcpNopush: true };
export const nginxPipelined: NginxVariant = { openFileCache: true, tcpNopush: false };

/** What stands in nginx's `http` block, beside what `startNginxWith` puts there. */
export function nginxHttp({ port, root }: Listening, variant: NginxVariant): string {
  const cache = 'open_file_cache max=20000 inactive=60s; open_file_cache_valid 60s;';
  return `
  ${variant.tcpNopush ? 'tcp_nopush on;' : 'tcp_nopush off;'} tcp_nodelay on;
  keepalive_timeout 120s; keepalive_requests 100000000;
  ${variant.openFileCache ? cache : 'open_file_cache off;'}
  types { text/html html; } default_type application/octet-stream;
  server { listen 127.0.0.1:${port} backlog=4096; root ${root}; }`;
}

/** lighttpd: one process with epoll and sendfile, its cache of `stat` as it is by default. */
export function lighttpdConfiguration({ port, root }: Listening): string {
  return `server.document-root = "${root}"
server.bind = "127.0.0.1"
server.port = ${port}
server.event-handler = "linux-sysepoll"
server.network-backend = "sendfile"
server.max-worker = 0
server.max-keep-alive-requests = 65535
server.max-keep-alive-idle = 120
server.max-connections = 4096
server.max-fds = 8192
server.listen-backlog = 4096
mimetype.assign = ( ".html" => "text/html" )
`;
}

/** Caddy: its file server and nothing before it. */
export function caddyConfiguration({ port, root }: Listening): string {
  return `{
	admin off
	auto_https off
	log {
		output discard
	}
}
http://127.0.0.1:${port} {
	bind 127.0.0.1
	root * ${root}
	file_server
}
`;
}
