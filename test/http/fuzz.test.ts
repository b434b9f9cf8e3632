/**
 * Whatever bytes come, both sides of the codec give events or a `ProtocolError`, and the same ones
 * however the bytes are cut.
 */

import { expect, test } from 'bun:test';
import { latin1Bytes } from '../../src/base/bytes.ts';
import { protocolErrorCodes } from '../../src/http/protocol-error.ts';
import { Seeded, seedOfRun } from '../store/seeded.ts';
import { clientEvents, type Split, serverEvents } from './feed.ts';

/** Inputs of each kind; `bun run fuzz` gives many more. */
const count = Number(process.env['INKWIRE_FUZZ_COUNT'] ?? 1_500);
/** Milliseconds; for the long run. */
const timeoutMs = 20_000 + count * 10;

const random = new Seeded(seedOfRun());
console.log(`codec fuzz: INKWIRE_SEED=${random.seed} INKWIRE_FUZZ_COUNT=${count}`);

const H = 'Host: h\r\n';
const requests = [
  `GET / HTTP/1.1\r\n${H}\r\n`,
  `GET /a?b=c HTTP/1.0\r\nConnection: keep-alive\r\n\r\n`,
  `PUT /p HTTP/1.1\r\n${H}Content-Length: 5\r\n\r\nhello`,
  `POST /p HTTP/1.1\r\n${H}Content-Length: 3, 3\r\nExpect: 100-continue\r\n\r\nabc`,
  `PATCH /p HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n3;x="y"\r\nabc\r\n0\r\nT: v\r\n\r\n`,
  `OPTIONS * HTTP/1.1\r\nHost: [::1]:8080\r\nIf-Match: "a", W/"b"\r\n\r\n`,
  `DELETE http://h/x HTTP/1.1\r\n${H}A:\t b \r\nB:\r\nConnection: close\r\n\r\n`,
];

const OK = 'HTTP/1.1 200 OK\r\n';
const responses = [
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
function mutate(text: string): string {
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
function noise(): string {
  const few = 'GET HTP/1.0:\r\n\r\nabc;=,"';
  const wide = random.below(2) === 0;
  return Array.from({ length: random.below(120) }, () =>
    wide ? String.fromCharCode(random.below(256)) : (few[random.below(few.length)] ?? ''),
  ).join('');
}

function someSplit(length: number): Split {
  const offsets = Array.from({ length: random.below(6) }, () => random.below(length + 1));
  return offsets.sort((a, b) => a - b);
}

const codes: ReadonlySet<string> = new Set(protocolErrorCodes);

/** Feeds `raw` whole, byte by byte and in random cuts; throws where they differ. */
function check(raw: string, feed: (split: Split) => string[]): string[] {
  const whole = feed('whole');
  for (const split of ['bytes' as const, someSplit(raw.length), someSplit(raw.length)]) {
    const events = feed(split);
    if (Bun.deepEquals(events, whole)) continue;
    throw new Error(
      `${JSON.stringify(raw)} cut at ${JSON.stringify(split)} gives ${JSON.stringify(events)}, ` +
        `whole ${JSON.stringify(whole)}`,
    );
  }
  // After an error nothing more may come: what follows could be anybody's.
  const refusedAt = whole.findIndex((event) => codes.has(event));
  if (refusedAt !== -1 && refusedAt !== whole.length - 1) {
    throw new Error(`${JSON.stringify(raw)} goes on after an error: ${JSON.stringify(whole)}`);
  }
  return whole;
}

/** How many inputs gave a message, and which errors came. */
function run(inputs: () => string, feed: (raw: string, end: boolean, split: Split) => string[]) {
  let messages = 0;
  const errors = new Set<string>();
  for (let left = count; left > 0; left -= 1) {
    const raw = inputs();
    const end = random.below(2) === 0;
    const events = check(raw, (split) => feed(raw, end, split));
    if (events.includes('end') || events.includes('end reusable')) messages += 1;
    const last = events.at(-1) ?? '';
    if (codes.has(last)) errors.add(last);
  }
  return { messages, errors };
}

const asServer = (raw: string, end: boolean, split: Split): string[] =>
  serverEvents(latin1Bytes(raw), split, { end });
const asClient = (raw: string, end: boolean, split: Split): string[] =>
  clientEvents(['GET', 'HEAD', 'PUT'], raw, split, { end });

test(
  'a server reads mutated requests, one after the other',
  () => {
    const some = () =>
      mutate(Array.from({ length: 1 + random.below(3) }, () => random.pick(requests)).join(''));
    const { messages, errors } = run(some, asServer);
    // Inputs that are all refused at once, or all taken, would prove nothing.
    expect(messages).toBeGreaterThan(count / 10);
    expect(errors.size).toBeGreaterThan(10);
  },
  timeoutMs,
);

test(
  'a client reads mutated responses, one after the other',
  () => {
    const some = () =>
      mutate(Array.from({ length: 1 + random.below(3) }, () => random.pick(responses)).join(''));
    const { messages, errors } = run(some, asClient);
    expect(messages).toBeGreaterThan(count / 10);
    expect(errors.size).toBeGreaterThan(5);
  },
  timeoutMs,
);

test(
  'both read any bytes',
  () => {
    expect(run(noise, asServer).errors.size).toBeGreaterThan(2);
    expect(run(noise, asClient).errors.size).toBeGreaterThan(0);
  },
  timeoutMs,
);
