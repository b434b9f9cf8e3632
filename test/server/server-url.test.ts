/** The addresses of a server, by the host it was given. */

import { expect, test } from 'bun:test';
import { localUrl, serverUrl } from '../../src/server/server-url.ts';

test.each([
  ['127.0.0.1', 'http://127.0.0.1:80/', 'http://127.0.0.1:80/'],
  ['127.0.0.2', 'http://127.0.0.2:80/', 'http://127.0.0.2:80/'],
  ['localhost', 'http://localhost:80/', 'http://localhost:80/'],
  ['::1', 'http://[::1]:80/', 'http://[::1]:80/'],
  ['0.0.0.0', 'http://0.0.0.0:80/', 'http://127.0.0.1:80/'],
  ['0', 'http://0:80/', 'http://127.0.0.1:80/'],
  ['::', 'http://[::]:80/', 'http://[::1]:80/'],
  ['0:0::0', 'http://[0:0::0]:80/', 'http://[::1]:80/'],
  ['10.0.0.1', 'http://10.0.0.1:80/', 'http://10.0.0.1:80/'],
  ['fe80::1', 'http://[fe80::1]:80/', 'http://[fe80::1]:80/'],
])('%s', (host, own, local) => {
  expect([serverUrl(host, 80), localUrl(host, 80)]).toEqual([own, local]);
});
