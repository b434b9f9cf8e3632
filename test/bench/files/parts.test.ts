/** Configurations, plans of the own runner, profiles, versions of changed pages. */

import { describe, expect, test } from 'bun:test';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { differingFields } from '../../../bench/files/browser-head.ts';
import {
  caddyConfiguration,
  lighttpdConfiguration,
  nginxCold,
  nginxHot,
  nginxHttp,
  nginxPipelined,
} from '../../../bench/files/configurations.ts';
import { change, FreshnessTally, versionOf, ways } from '../../../bench/files/freshness.ts';
import { loadOf } from '../../../bench/files/load.ts';
import { planOf, readOwnReport } from '../../../bench/files/own-runner.ts';
import { profileTable, selfTimesOf } from '../../../bench/files/profile.ts';
import { rateRows } from '../../../bench/files/rate-rows.ts';
import { isWhole } from '../../../bench/files/start-row.ts';
import { behindNote } from '../../../bench/files/tail-row.ts';
import { repositoryPath } from '../../docs/marked.ts';
import { TestRoot } from '../../support/root.ts';

const listening = { port: 8_123, root: '/srv/pages' };

describe('nginx', () => {
  const rows = [
    { name: 'hot', variant: nginxHot, cache: true, nopush: 'on' },
    { name: 'cold', variant: nginxCold, cache: false, nopush: 'on' },
    { name: 'pipelined', variant: nginxPipelined, cache: true, nopush: 'off' },
  ];
  for (const { name, variant, cache, nopush } of rows) {
    test(name, () => {
      const text = nginxHttp(listening, variant);
      expect(text.includes('open_file_cache max=20000')).toBe(cache);
      expect(text.includes('open_file_cache off;')).toBe(!cache);
      expect(text).toContain(`tcp_nopush ${nopush};`);
      expect(text).toContain('listen 127.0.0.1:8123 ');
      expect(text).toContain('root /srv/pages;');
    });
  }
});

test('the others are told where to listen and what to serve', () => {
  expect(lighttpdConfiguration(listening)).toContain('server.port = 8123\n');
  expect(lighttpdConfiguration(listening)).toContain('server.document-root = "/srv/pages"\n');
  expect(caddyConfiguration(listening)).toContain('http://127.0.0.1:8123 {\n');
  expect(caddyConfiguration(listening)).toContain('root * /srv/pages\n');
});

test('every configuration stands in the document', () => {
  const document = readFileSync(repositoryPath('docs/PERFORMANCE.md'), 'utf8');
  const documented = { port: 8_080, root: 'ROOT' };
  const texts = [
    lighttpdConfiguration(documented),
    caddyConfiguration(documented),
    nginxHttp(documented, nginxHot),
  ];
  const lines = (text: string): string[] =>
    text
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean);
  const shown = lines(document);
  for (const line of texts.flatMap(lines)) expect(shown).toContain(line);
});

test('every row stands in the document', () => {
  const document = readFileSync(repositoryPath('docs/PERFORMANCE.md'), 'utf8');
  for (const { row } of rateRows) expect(document).toContain(`\`${row}\``);
});

describe('own runner', () => {
  const signal = new AbortController().signal;
  const load = { ...loadOf('/a', 8), fields: differingFields, pipeline: 2, status: 304 };

  test('is asked for what wrk would be', () => {
    const plan = planOf({ port: 81, load, seconds: 0.5, signal });
    expect(plan).toMatchObject({
      connections: 8,
      pipeline: 2,
      extent: { kind: 'duration', durationMs: 500 },
      requests: [{ target: '/a', expects: [[304, 304]] }],
    });
    expect(plan.requests[0]?.fields[0]).toEqual(['Host', '127.0.0.1:81']);
    expect(plan.requests[0]?.fields.at(-1)?.[1]).toContain('{{n}}');
    expect(plan.rate).toBeUndefined();
    expect(planOf({ port: 81, load, seconds: 1, signal }, 500).rate).toBe(500);
  });

  const report = {
    ...{ perSecond: 100, elapsedMs: 500, errors: 0, statuses: { 200: 50 }, failures: {} },
    ...{ bytesReceived: 1_000, unsent: 0 },
  };

  test('its latencies count from the schedule where there is one', () => {
    const [fromSend, fromDue] = [
      { p50: 1, p99: 2 },
      { p50: 3, p99: 4 },
    ];
    const without = readOwnReport(JSON.stringify({ ...report, latencyFromSendMs: fromSend }));
    expect(without).toEqual({ perSecond: 100, bytesPerSecond: 2_000, p50Ms: 1, p99Ms: 2 });
    const both = { ...report, latencyFromSendMs: fromSend, latencyFromDueMs: fromDue };
    expect(readOwnReport(JSON.stringify(both))).toMatchObject({ p50Ms: 3, p99Ms: 4 });
  });

  test('errors are no figures', () => {
    const text = JSON.stringify({ ...report, errors: 1, statuses: { 404: 1 } });
    expect(() => readOwnReport(text)).toThrow('"404":1');
  });
});

describe('changes of a page', () => {
  test('each way twice in a row, and no two versions alike', () => {
    const versions = Array.from({ length: 16 }, (_, number) => versionOf(number));
    expect(new Set(versions.map(({ text }) => text)).size).toBe(16);
    const names = versions.map(({ way }) => way.name);
    for (let at = 0; at < 16; at += 2) expect(names[at]).toBe(names[at + 1] ?? '');
    expect(new Set(names).size).toBe(ways.length);
  });

  test('are what they say', () => {
    using root = new TestRoot();
    const file = join(root.path, 'page.html');
    change(file, 0);
    let before = statSync(file);
    for (let number = 1; number < 32; number += 1) {
      change(file, number);
      const after = statSync(file);
      const { way, text } = versionOf(number);
      expect(root.read('page.html')).toBe(text);
      expect(after.ino !== before.ino).toBe(way.byRename);
      const isSecond = number % 2 === 1;
      if (isSecond && way.sameSize) expect(after.size).toBe(before.size);
      if (isSecond && !way.sameSize) expect(after.size).not.toBe(before.size);
      before = after;
    }
  });

  test('one stale answer is remembered, of Inkwire alone', () => {
    const tally = new FreshnessTally();
    tally.add('nginx', 'old');
    tally.add('Inkwire', undefined);
    expect(tally.firstStale).toBeUndefined();
    tally.add('Inkwire', 'older');
    tally.add('Inkwire', 'oldest');
    expect(tally.firstStale).toBe('older');
    expect(tally.of('Inkwire')).toEqual({ asked: 3, stale: 2 });
    expect(tally.of('nginx')).toEqual({ asked: 1, stale: 1 });
  });
});

describe('a whole answer', () => {
  const head = 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n';
  const rows = [
    { name: 'whole', text: `${head}abc`, want: true },
    { name: 'short', text: `${head}ab`, want: false },
    { name: 'half a head', text: head.slice(0, -2), want: false },
    { name: 'another status', text: `${head.replace('200', '503')}abc`, want: false },
    { name: 'no length', text: 'HTTP/1.1 200 OK\r\n\r\nabc', want: false },
  ];
  for (const { name, text, want } of rows) test(name, () => expect(isWhole(text)).toBe(want));
});

test('a server that is behind is said to be', () => {
  const at = (perSecond: number) => [{ perSecond, bytesPerSecond: 0, p50Ms: 0, p99Ms: 0 }];
  expect(behindNote(1_000, at(990))).toBeUndefined();
  expect(behindNote(1_000, at(989))).toContain('989 of 1,000');
});

test('a profile is told by the time in functions themselves', () => {
  const frame = (id: number, functionName: string, url: string) => ({
    id,
    callFrame: { functionName, url, lineNumber: 1 },
  });
  const nodes = [
    frame(1, '(root)', ''),
    frame(2, 'parse', 'file:///a/src/http/head-parser.ts'),
    frame(3, '', 'file:///a/workers/x.ts'),
    frame(4, 'parse', 'file:///a/src/http/head-parser.ts'),
    frame(5, '(idle)', ''),
    frame(6, 'write', ''),
  ];
  const profile = { nodes, samples: [2, 4, 3, 5, 6], timeDeltas: [30, 30, 10, 500, 30] };
  const times = selfTimesOf(JSON.stringify(profile));
  expect(times).toEqual([
    { name: 'parse', place: 'http/head-parser.ts', share: 0.6 },
    { name: 'write', place: 'native', share: 0.3 },
    { name: '(anonymous)', place: 'x.ts', share: 0.1 },
  ]);
  expect(profileTable('work', times).split('\n')[2]).toBe(
    '| `parse` | `http/head-parser.ts` | 60.0 % |',
  );
});
