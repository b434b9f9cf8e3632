/** Addresses as people type them, and what is refused. */

import { describe, expect, test } from 'bun:test';
import { parseEndpoint } from '../../src/client/endpoint.ts';

const accepted = [
  ['http://127.0.0.1:8080', '127.0.0.1', 8080, '127.0.0.1:8080'],
  ['http://127.0.0.1:8080/', '127.0.0.1', 8080, '127.0.0.1:8080'],
  ['HTTP://LocalHost:81', 'localhost', 81, 'localhost:81'],
  ['  localhost:8080 ', 'localhost', 8080, 'localhost:8080'],
  ['http://example.test', 'example.test', 80, 'example.test'],
  ['http://example.test:80/', 'example.test', 80, 'example.test'],
  ['my_host.:9', 'my_host.', 9, 'my_host.:9'],
  [':8080', '127.0.0.1', 8080, '127.0.0.1:8080'],
  ['8080', '127.0.0.1', 8080, '127.0.0.1:8080'],
  ['1', '127.0.0.1', 1, '127.0.0.1:1'],
  ['65535', '127.0.0.1', 65_535, '127.0.0.1:65535'],
  ['[::1]:8080', '::1', 8080, '[::1]:8080'],
  ['http://[::1]', '::1', 80, '[::1]'],
  ['http://[2001:DB8::1]:8080/', '2001:db8::1', 8080, '[2001:db8::1]:8080'],
] as const;

const refused = [
  ['', 'the address is empty: expected host:port, such as 127.0.0.1:8080'],
  ['   ', 'the address is empty: expected host:port, such as 127.0.0.1:8080'],
  ['https://127.0.0.1:8080', 'https is not spoken yet: use http://'],
  ['HTTPS://127.0.0.1', 'https is not spoken yet: use http://'],
  ['ftp://127.0.0.1', 'the scheme ftp is not spoken: use http://'],
  ['http://', 'the address has no host: expected http://host:port'],
  ['http://127.0.0.1:8080/Test.html', 'the address of a server has no path: leave out /Test.html'],
  ['127.0.0.1:8080?a', 'the address of a server has no path: leave out ?a'],
  ['127.0.0.1:8080//', 'the address of a server has no path: leave out //'],
  ['http://me@127.0.0.1:8080', 'a user name in the address is not taken: leave out user@'],
  ['me:secret@host:80', 'a user name in the address is not taken: leave out user@'],
  ['localhost', 'the address has no port: say localhost:8080'],
  ['localhost:', 'the address has no port: say localhost:8080'],
  ['[::1]', 'the address has no port: say [::1]:8080'],
  ['::1', 'an IPv6 address stands in brackets: [::1]:8080'],
  ['[::1', '[::1 is no IPv6 address'],
  ['[]:80', '[]:80 is no IPv6 address'],
  ['[127.0.0.1]:80', '[127.0.0.1]:80 is no IPv6 address'],
  ['[fe80::1%eth0]:80', '[fe80::1%eth0]:80 is no IPv6 address'],
  ['[::1]8080', '[::1]8080 is no host and port'],
  ['0', '0 is no port: expected 1 to 65535'],
  ['65536', '65536 is no port: expected 1 to 65535'],
  ['localhost:http', 'http is no port: expected 1 to 65535'],
  ['localhost:80:80', '80:80 is no port: expected 1 to 65535'],
  ['localhost:-1', '-1 is no port: expected 1 to 65535'],
  ['a b:80', 'a b is no host name'],
  ['höst:80', 'höst is no host name'],
  ['-host:80', '-host is no host name'],
] as const;

describe('an address that is taken', () => {
  test.each([...accepted])('%p', (text, host, port, authority) => {
    expect(parseEndpoint(text)).toEqual({ host, port, authority });
  });
});

describe('an address that is refused', () => {
  test.each([...refused])('%p', (text, message) => {
    expect(parseEndpoint(text)).toBe(message);
  });
});
