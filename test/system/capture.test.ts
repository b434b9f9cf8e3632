/**
 * docs/WIRESHARK.md against the wire: the dialogue, and pipelined requests, captured on loopback.
 */

import { describe, expect, test } from 'bun:test';
import { fileMarkedPart } from '../docs/marked.ts';
import { openRepl, serve } from '../support/inkwire.ts';
import { RawClient, request } from '../support/raw-client.ts';
import { TestRoot } from '../support/root.ts';
import { capture, type Segment, whyNoCapture } from './packets.ts';

const missing = await whyNoCapture();
if (missing !== undefined) console.warn(`skipped: ${missing}`);

const dialogue = [
  'GET test.html',
  'HEAD test.html',
  'PUT test.html This is test',
  'POST index.html <h1> This is HTML </h1>',
];

/** The page shows port 8080; a longer port makes `Host` longer. */
const PAGE_PORT = 8080;

/** Ethernet, IPv4, and TCP with time stamps, before a segment's payload on Linux. */
const HEADERS_BYTES = 66;

/**
 * What has a payload, opens, or closes; a bare ACK is the kernel's, which sends them as it likes.
 */
function telling(segments: readonly Segment[], port: number): string[] {
  const lines: string[] = [];
  for (const { fromPort, flags, payload } of segments) {
    const from = fromPort === port ? 'server' : 'client';
    if (payload.length === 0) {
      if (flags.has('SYN') || flags.has('FIN')) {
        const named = ['SYN', 'FIN', 'ACK'].filter((name) => flags.has(name));
        lines.push(`${from} [${named.join(', ')}]`);
      }
      continue;
    }
    const longer = from === 'client' ? String(port).length - String(PAGE_PORT).length : 0;
    const [first] = new TextDecoder().decode(payload).split('\r\n');
    lines.push(`${from} ${payload.length - longer} ${first}`);
  }
  return lines;
}

/** The same of the page's packet list. */
function tellingOfPage(marker: string): string[] {
  const lines: string[] = [];
  for (const line of fileMarkedPart('docs/WIRESHARK.md', marker).split('\n')) {
    const packet = /^ *\d+ +[\d.]+ +(\d+) → (\d+) +(TCP|HTTP) +(\d+) +(.*?) *$/.exec(line);
    if (packet === null) continue;
    const [, fromPort, , protocol, length, info = ''] = packet;
    const from = Number(fromPort) === PAGE_PORT ? 'server' : 'client';
    if (protocol === 'HTTP') {
      lines.push(`${from} ${Number(length) - HEADERS_BYTES} ${info.replace(/ {2}\(.*\)$/, '')}`);
    } else if (/SYN|FIN/.test(info)) {
      lines.push(`${from} ${info.slice(0, info.indexOf(']') + 1)}`);
    }
  }
  return lines;
}

function ends(segments: readonly Segment[]): boolean {
  return segments.filter(({ flags }) => flags.has('FIN')).length === 2;
}

describe.skipIf(missing !== undefined)('on loopback', () => {
  test('the dialogue is one segment a request and one an answer, as the page shows', async () => {
    using root = new TestRoot();
    await using server = await serve(root.path, '--fresh');
    await using packets = await capture(server.port);
    {
      await using repl = await openRepl(server.url);
      for (const line of dialogue) await repl.ask(line);
    }
    const lines = telling(await packets.until(ends), server.port);
    expect(lines.filter((line) => /^client \d/.test(line))).toHaveLength(dialogue.length);
    expect(lines.filter((line) => /^server \d/.test(line))).toHaveLength(dialogue.length);
    expect(lines).toEqual(tellingOfPage('dialogue'));
  });

  test('pipelined requests share a segment, and are answered in order', async () => {
    using root = new TestRoot();
    await using server = await serve(root.path, '--fresh');
    await using packets = await capture(server.port);
    await using client = await RawClient.open(server.port);
    const last = request('HEAD', '/test.html', { fields: ['Connection: close'] });
    client.send(request('GET', '/test.html') + last);
    expect((await client.next('GET')).body).toHaveLength(286);
    expect((await client.next('HEAD')).fields.get('connection')).toBe('close');
    await client.end();
    client.shutdown();
    const segments = await packets.until(ends);
    const sent = segments.filter(({ fromPort, payload }) => {
      return fromPort !== server.port && payload.length > 0;
    });
    expect(sent).toHaveLength(1);
    // The one that says `Connection: close` is the server's to end.
    expect(segments.find(({ flags }) => flags.has('FIN'))?.fromPort).toBe(server.port);
  });
});
