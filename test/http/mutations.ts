/** Messages, and what random changes make of them: inputs for every reader of HTTP/1.1. */

import type { Seeded } from '../store/seeded.ts';

const H = 'Host: h\r\n';
export const requests = [
  `GET / HTTP/1.1\r\n${H}\r\n`,
  `GET /a?b=c HTTP/1.0\r\nConnection: keep-alive\r\n\r\n`,
  `PUT /p HTTP/1.1\r\n${H}Content-Length: 5\r\n\r\nhello`,
  `POST /p HTTP/1.1\r\n${H}Content-Length: 3, 3\r\nExpect: 100-continue\r\n\r\nabc`,
  `PATCH /p HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n3;x="y"\r\nabc\r\n0\r\nT: v\r\n\r\n`,
  `OPTIONS * HTTP/1.1\r\nHost: [::1]:8080\r\nIf-Match: "a", W/"b"\r\n\r\n`,
  `DELETE http://h/x HTTP/1.1\r\n${H}A:\t b \r\nB:\r\nConnection: close\r\n\r\n`,
];

const OK = 'HTTP/1.1 200 OK\r\n';
export const responses = [
  `${OK}Content-Length: 3\r\n\r\nabc`,
  `${OK}Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nT: v\r\n\r\n`,
  `HTTP/1.1 100 Continue\r\n\r\n${OK}Content-Length: 0\r\n\r\n`,
  'HTTP/1.1 204 No Content\r\n\r\n',
  'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 5\r\n\r\n',
  `HTTP/1.0 200 OK\r\n\r\nuntil the end`,
  'HTTP/1.1 404\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx',
];

/** What parsers have stumbled over: put in, or in the place of something. */
const pieces = [
  ...['\r\n', '\r', '\n', '\0', ' ', '\t', ':', ';', ',', '\r\n ', '\r\n\r\n', '\x7f', '\xff'],
  ...[
    'Content-Length: 5\r\n',
    'Content-Length: -1\r\n',
    'Content-Length: 99999999999999999999\r\n',
  ],
  ...['Transfer-Encoding: chunked\r\n', 'Transfer-Encoding: gzip, chunked\r\n', 'Host: x\r\n'],
  ...['0\r\n\r\n', 'fffffffffffffffff\r\n', '+1\r\n', '0x1\r\n', 'HTTP/1.1', 'HTTP/9.9', 'GET '],
];

/** One to four changes: a byte flipped, taken out or doubled, a piece put in, a part repeated. */
export function mutate(random: Seeded, text: string): string {
  let changed = text;
  for (let left = 1 + random.below(4); left > 0; left -= 1) {
    const at = random.below(changed.length + 1);
    const [before, after] = [changed.slice(0, at), changed.slice(at)];
    const until = random.below(Math.min(after.length, 20) + 1);
    switch (random.below(6)) {
      case 0:
        changed = `${before}${String.fromCharCode(random.below(256))}${after.slice(1)}`;
        break;
      case 1:
        changed = before + after.slice(until);
        break;
      case 2:
        changed = before + after.slice(0, until) + after;
        break;
      case 3:
        changed = before;
        break;
      default:
        changed = before + random.pick(pieces) + (random.below(2) === 0 ? after : after.slice(1));
    }
  }
  return changed;
}

/** Bytes from all 256, or from the few that the grammar is made of. */
export function noise(random: Seeded): string {
  const few = 'GET HTP/1.0:\r\n\r\nabc;=,"';
  const wide = random.below(2) === 0;
  return Array.from({ length: random.below(120) }, () =>
    wide ? String.fromCharCode(random.below(256)) : (few[random.below(few.length)] ?? ''),
  ).join('');
}
