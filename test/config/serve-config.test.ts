/** Each flag of `serve`: what it makes of good values, and the sentence for each bad one. */

import { describe, expect, test } from 'bun:test';
import { defaultServerLimits } from '../../src/config/limits.ts';
import { type ServeFlags, takeServeConfig } from '../../src/config/serve-config.ts';
import { defaultDispatchLimits } from '../../src/dispatch/limits.ts';
import { defaultHeadLimits } from '../../src/http/limits.ts';

const plain: ServeFlags = {
  root: 'htdocs',
  host: '127.0.0.1',
  port: '8080',
  workers: '4',
  semantics: 'classic',
  durability: 'sync',
  log: 'text',
  startPage: true,
};

/** Files that the machine allows. */
const FILES = 20_000;

function config(flags: Partial<ServeFlags>, files = FILES) {
  const taken = takeServeConfig({ ...plain, ...flags }, files);
  if (typeof taken === 'string') throw new Error(taken);
  return taken;
}

test('what was not given has its default', () => {
  expect(config({})).toMatchObject({
    root: 'htdocs',
    host: '127.0.0.1',
    port: 8080,
    workers: 4,
    semantics: 'classic',
    durability: 'sync',
    log: 'text',
    startPage: true,
    requireConditional: false,
    limits: defaultServerLimits,
    headLimits: defaultHeadLimits,
    dispatchLimits: defaultDispatchLimits,
  });
});

test('the configuration and its limits are frozen', () => {
  const taken = config({});
  const { limits, headLimits, dispatchLimits } = taken;
  for (const part of [taken, limits, headLimits, dispatchLimits]) {
    expect(Object.isFrozen(part)).toBe(true);
  }
});

describe('a good value', () => {
  const rows: readonly [flags: Partial<ServeFlags>, want: object][] = [
    [{ port: '0' }, { port: 0 }],
    [{ port: '65535' }, { port: 65_535 }],
    [{ workers: '1' }, { workers: 1 }],
    [{ workers: '256' }, { workers: 256 }],
    [{ host: '::1' }, { host: '::1' }],
    [{ semantics: 'standard' }, { semantics: 'standard' }],
    [{ durability: 'none' }, { durability: 'none' }],
    [{ log: 'off' }, { log: 'off' }],
    [{ startPage: false }, { startPage: false }],
    [{ allowedHosts: ' A.b , *' }, { allowedHosts: ['a.b', '*'] }],
    [{ allowOrigin: 'null, HTTP://[::1]:80' }, { allowedOrigins: ['null', 'http://[::1]:80'] }],
    [{ cacheControl: ['/a/*=b = c'] }, { cacheRules: [{ pattern: '/a/*', value: 'b = c' }] }],
    [{ requireConditional: true }, { requireConditional: true }],
    [{ headerTimeout: '500ms' }, { limits: { headerTimeoutMs: 500 } }],
    [{ idleTimeout: '2m' }, { limits: { idleTimeoutMs: 120_000 } }],
    [{ jobTimeout: '1s' }, { dispatchLimits: { jobDeadlineMs: 1_000 } }],
    [{ maxFields: '7' }, { headLimits: { fieldsMax: 7 } }],
    [{ maxConnections: '1' }, { limits: { connectionsMax: 1 } }],
    [{ maxConnections: '10000' }, { limits: { connectionsMax: 10_000 } }],
  ];
  for (const [flags, want] of rows) {
    test(JSON.stringify(flags), () => expect(config(flags)).toMatchObject(want));
  }

  test('fewer connections than the default, where files allow no more', () => {
    // Each may have a page open, too.
    expect(config({}, 200)).toMatchObject({ limits: { connectionsMax: 100 }, openPagesMax: 100 });
    expect(config({}, 1_000_000).limits.connectionsMax).toBe(8_192);
  });

  test('as many as are asked for, and what is left of the files is for pages', () => {
    const taken = config({ maxConnections: '12000' });
    expect(taken).toMatchObject({ limits: { connectionsMax: 12_000 }, openPagesMax: 8_000 });
  });
});

describe('a bad value', () => {
  const whole = (flag: string, min: number, max: number): string =>
    `${flag} takes a whole number from ${min} to ${max}`;
  const duration = (flag: string, max: string): string =>
    `${flag} takes a duration from 100ms to ${max}, such as 10s or 500ms`;
  const rows: readonly [flag: keyof ServeFlags, values: readonly string[], want: string][] = [
    [
      'port',
      ['-1', '65536', 'x', '', '80.5', '0x50', '1e3', ' 80', '١'],
      whole('--port', 0, 65_535),
    ],
    ['workers', ['0', '257', '-1', '', 'four', '2.5'], whole('--workers', 1, 256)],
    ['semantics', ['', 'Classic', 'modern'], '--semantics takes classic or standard'],
    ['durability', ['', 'fsync', 'true'], '--durability takes sync or none'],
    ['log', ['', 'xml'], '--log takes text, combined, json or off'],
    ['maxConnections', ['0', '-1', 'many', '1000001'], whole('--max-connections', 1, 1_000_000)],
    ['headerTimeout', ['0s', '10', '', 'soon', '-1s', '10d'], duration('--header-timeout', '1h')],
    ['idleTimeout', ['0ms', '60', 'x'], duration('--idle-timeout', '24h')],
    ['jobTimeout', ['0m', '30', 'x'], duration('--job-timeout', '1h')],
    ['root', [''], 'root takes the path of a folder'],
    ['host', [''], '--host takes a name or an address'],
    [
      'allowedHosts',
      ['a:80', 'http://a', 'a,,b', 'a b', '*.a'],
      '--allowed-hosts takes names without a port, separated by commas, or *',
    ],
    [
      'allowedHosts',
      ['', 'a b', 'h:80', 'a,,b', 'http://h'],
      '--allowed-hosts takes names without a port, separated by commas, or *',
    ],
    [
      'allowOrigin',
      ['', '*', 'h', 'http://h/', 'ftp://h', 'http://h,', 'http://u@h'],
      '--allow-origin takes origins such as http://localhost:5173, separated by commas',
    ],
  ];
  for (const [flag, values, want] of rows) {
    for (const value of values) {
      test(`${flag} ${JSON.stringify(value)}: ${want}`, () => {
        expect(takeServeConfig({ ...plain, [flag]: value }, FILES)).toBe(want);
      });
    }
  }

  for (const rule of ['', '/a', 'a=b', '/a=', '/a b=c', '/a= b', '/a=b\n']) {
    test(`cacheControl ${JSON.stringify(rule)}`, () => {
      expect(takeServeConfig({ ...plain, cacheControl: ['/ok=no-store', rule] }, FILES)).toBe(
        "--cache-control takes a path pattern and a value, such as '/assets/*=max-age=3600'",
      );
    });
  }

  test('the first of several', () => {
    const flags = { ...plain, allowOrigin: '*', port: 'x', log: 'xml', maxFields: '0' };
    expect(takeServeConfig(flags, FILES)).toBe(whole('--port', 0, 65_535));
  });

  test('more connections than files allow', () => {
    expect(takeServeConfig({ ...plain, maxConnections: '19937' }, FILES)).toBe(
      '--max-connections is above the 19936 that the file-descriptor limit allows (see ulimit -n)',
    );
  });
});
