/** How the report of a load is written: in colours, without, and as JSON. */

import { expect, test } from 'bun:test';
import { parseThresholds } from '../../src/load/report/thresholds.ts';
import { reportText } from '../../src/repl/report-view.ts';
import { evenLatency, reportOf } from '../load/report/reports.ts';

const read = parseThresholds('p99>20ms');
const thresholds = typeof read === 'string' ? [] : read;
const report = reportOf({ fromSend: evenLatency(100) });
const on = (colour: boolean) => ({ colour, columns: () => 80 });
const said = { thresholds, json: false, ascii: false };

test('colours add nothing but colours', () => {
  const plain = reportText(report, said, on(false));
  const coloured = reportText(report, said, on(true));
  expect(coloured).toContain('\x1b[31mp99 was 99.0 ms, over 20 ms\x1b[39m');
  expect(coloured).toContain('\x1b[32m200 ×1,000\x1b[39m');
  expect(coloured).toContain('\x1b[36m█');
  const lines = (text: string) => text.split('\n').map((line) => line.trimEnd());
  expect(lines(Bun.stripANSI(coloured))).toEqual(lines(plain));
  expect(plain).not.toContain('\x1b');
  expect(plain).not.toMatch(/ \n/);
});

test('ASCII bars', () => {
  const text = reportText(report, { ...said, ascii: true }, on(false));
  expect(text).toContain('####');
  expect(text).not.toContain('█');
});

test('JSON is one line, in colours or not', () => {
  const text = reportText(report, { ...said, json: true }, on(true));
  expect(text).toMatch(/^\{.*\}\n$/);
  expect(JSON.parse(text)).toMatchObject({ completed: 1_000, broken: [{ condition: 'p99>20ms' }] });
});
