/** The requests that wrk is given, and what is read from its reports. */

import { describe, expect, test } from 'bun:test';
import { type Load, loadOf, type Sample } from '../../../bench/files/load.ts';
import { readWrkReport, wrkScript } from '../../../bench/files/wrk.ts';

const report = `Running 2s test @ http://127.0.0.1:18399/test.html
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     3.58ms    2.70ms  34.89ms   92.53%
    Req/Sec    19.17k     3.79k   22.92k    90.00%
  Latency Distribution
     50%    2.95ms
     75%    3.89ms
     90%    5.61ms
     99%   14.68ms
  38190 requests in 2.00s, 20.50MB read
Requests/sec:  19062.03
Transfer/sec:     10.23MB
`;

describe('report', () => {
  const rows: { name: string; from: [string, string][]; want: Partial<Sample> }[] = [
    {
      name: 'as it is',
      from: [],
      want: { perSecond: 19062.03, bytesPerSecond: 10.25 * 1024 ** 2, p50Ms: 2.95, p99Ms: 14.68 },
    },
    { name: 'microseconds', from: [['14.68ms', '683.00us']], want: { p99Ms: 0.683 } },
    { name: 'seconds', from: [['14.68ms', '1.20s']], want: { p99Ms: 1_200 } },
    {
      name: 'a minute',
      from: [['2.00s', '1.00m']],
      want: { bytesPerSecond: (20.5 * 1024 ** 2) / 60 },
    },
    { name: 'gigabytes', from: [['20.50MB', '5.60GB']], want: { bytesPerSecond: 2.8 * 1024 ** 3 } },
    { name: 'kilobytes', from: [['20.50MB', '3.00KB']], want: { bytesPerSecond: 1.5 * 1024 } },
    { name: 'bytes', from: [['20.50MB', '600.00B']], want: { bytesPerSecond: 300 } },
    {
      name: 'nothing ended',
      from: [
        [report.slice(report.indexOf('     50%'), report.indexOf('  38190')), ''],
        ['38190 req', '0 req'],
        ['19062.03', '0.00'],
      ],
      want: { perSecond: 0, p99Ms: Number.NaN },
    },
  ];
  for (const { name, from, want } of rows) {
    test(name, () => {
      const text = from.reduce((changed, [old, fresh]) => changed.replace(old, fresh), report);
      const read = readWrkReport(text);
      for (const [key, value] of Object.entries(want)) {
        const [, said] = Object.entries(read).find(([name]) => name === key) ?? [];
        if (Number.isNaN(value)) expect(said).toBeNaN();
        else expect(said).toBeCloseTo(value, 6);
      }
    });
  }

  const refused = [
    { name: 'errors', text: `${report}  Non-2xx or 3xx responses: 3\n` },
    { name: 'broken connections', text: `${report}  Socket errors: connect 0, read 1\n` },
    { name: 'nothing', text: '' },
    { name: 'no bytes', text: report.replace('20.50MB read', '') },
    { name: 'an unknown unit', text: report.replace('20.50MB', '20.50XB') },
  ];
  for (const { name, text } of refused) {
    test(`refused: ${name}`, () => expect(() => readWrkReport(text)).toThrow(/wrk/));
  }
});

describe('script', () => {
  const base = loadOf('/test.html', 64);
  const rows: { name: string; load: Load; want: string }[] = [
    { name: 'the same again is left to wrk', load: base, want: '\n' },
    {
      name: 'fields, with quotes and backslashes',
      load: { ...base, fields: [['If-None-Match', '"a\\b"']] },
      want: 'wrk.headers["If-None-Match"] = "\\"a\\\\b\\""\n',
    },
    {
      name: 'heads that differ',
      load: { ...base, fields: [['Referer', '/{{n}}.html']] },
      want: `local n = 0
local before, after = "GET /test.html HTTP/1.1\\r\\nHost: 127.0.0.1:80\\r\\nReferer: /", ".html\\r\\n\\r\\n"
function request()
  n = n + 1
  return before .. n .. after
end
`,
    },
    {
      name: 'pipelined',
      load: { ...base, pipeline: 2 },
      want: `local requests = {
  "GET /test.html HTTP/1.1\\r\\nHost: 127.0.0.1:80\\r\\n\\r\\nGET /test.html HTTP/1.1\\r\\nHost: 127.0.0.1:80\\r\\n\\r\\n",
}
local at = 0
function request()
  at = at % #requests + 1
  return requests[at]
end
`,
    },
    {
      name: 'several pages',
      load: { ...base, paths: ['/a', '/b'] },
      want: `local requests = {
  "GET /a HTTP/1.1\\r\\nHost: 127.0.0.1:80\\r\\n\\r\\n",
  "GET /b HTTP/1.1\\r\\nHost: 127.0.0.1:80\\r\\n\\r\\n",
}
local at = 0
function request()
  at = at % #requests + 1
  return requests[at]
end
`,
    },
  ];
  for (const { name, load, want } of rows) {
    test(name, () => expect(wrkScript(load, 80)).toBe(want));
  }
});
