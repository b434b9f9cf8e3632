/** Which names the server answers to, and whose browser pages may edit. */

import { describe, expect, test } from 'bun:test';
import { type AdmissionError, admissionError, isLoopback } from '../../src/app/admission.ts';
import { latin1Bytes } from '../../src/base/bytes.ts';
import { defaultHeadLimits } from '../../src/http/limits.ts';
import { ServerConnection } from '../../src/http/server-connection.ts';

/** The fields of a request, parsed as the server parses them. */
function fieldsOf(lines: readonly string[], version = '1.1') {
  const connection = new ServerConnection(defaultHeadLimits);
  connection.receive(
    latin1Bytes(`PUT / HTTP/${version}\r\n${lines.map((l) => `${l}\r\n`).join('')}\r\n`),
  );
  const event = connection.poll();
  if (event?.kind !== 'request') throw new Error('no request');
  return event.head.fields;
}

const rules = {
  loopback: true,
  allowedHosts: ['pages.lan.net'],
  allowedOrigins: ['http://friend.test:5173'],
};

describe('names', () => {
  const rows: readonly (readonly [host: string, want: AdmissionError | undefined])[] = [
    ['localhost', undefined],
    ['LOCALHOST:8080', undefined],
    ['localhost.', undefined],
    ['a.localhost', undefined],
    ['127.0.0.1:8080', undefined],
    ['192.168.1.7', undefined],
    ['[::1]:8080', undefined],
    ['h', undefined],
    ['', undefined],
    ['example.com', undefined],
    ['example.org.', undefined],
    ['site.test', undefined],
    ['site.example:1', undefined],
    ['pages.lan.net', undefined],
    ['Pages.Lan.Net:80', undefined],
    ['attacker.com', 'misdirected'],
    ['127.0.0.1.attacker.com', 'misdirected'],
    ['localhost.attacker.com', 'misdirected'],
    ['xexample.com', 'misdirected'],
    ['www.example.com', 'misdirected'],
    ['test.com', 'misdirected'],
    ['sub.pages.lan.net', 'misdirected'],
    ['1.2.3.4.5', 'misdirected'],
  ];
  for (const [host, want] of rows) {
    test(`Host: ${host} is ${want ?? 'admitted'}`, () => {
      expect(admissionError(rules, fieldsOf([`Host: ${host}`]), undefined, true)).toBe(want);
    });
  }

  test('the target’s own authority outranks Host', () => {
    const fields = fieldsOf(['Host: localhost']);
    expect(admissionError(rules, fields, 'attacker.com', true)).toBe('misdirected');
    expect(
      admissionError(rules, fieldsOf(['Host: attacker.com']), 'localhost', true),
    ).toBeUndefined();
  });

  test('HTTP/1.0 without Host, a server not at loopback, and * let every name pass', () => {
    const fields = fieldsOf(['Host: attacker.com']);
    expect(admissionError(rules, fieldsOf([], '1.0'), undefined, true)).toBeUndefined();
    expect(admissionError({ ...rules, loopback: false }, fields, undefined, true)).toBeUndefined();
    expect(
      admissionError({ ...rules, allowedHosts: ['*'] }, fields, undefined, true),
    ).toBeUndefined();
  });
});

describe('origins of an edit', () => {
  const host = 'Host: localhost:8080';
  const rows: readonly (readonly [lines: readonly string[], want: AdmissionError | undefined])[] = [
    [[host], undefined],
    [[host, 'Origin: http://localhost:8080'], undefined],
    [[host, 'Origin: https://localhost:8080'], undefined],
    [[host, 'Origin: http://localhost:8081'], 'cross-origin'],
    [[host, 'Origin: http://localhost'], 'cross-origin'],
    [[host, 'Origin: http://attacker.com'], 'cross-origin'],
    [[host, 'Origin: null'], 'cross-origin'],
    [[host, 'Origin: http://friend.test:5173'], undefined],
    [[host, 'Origin: http://friend.test:5173', 'Sec-Fetch-Site: cross-site'], undefined],
    [[host, 'Origin: https://friend.test:5173'], 'cross-origin'],
    [[host, 'Origin: http://friend.test'], 'cross-origin'],
    [[host, 'Origin: http://localhost:8080', 'Origin: http://attacker.com'], 'cross-origin'],
    [[host, 'Sec-Fetch-Site: same-origin'], undefined],
    [[host, 'Sec-Fetch-Site: none'], undefined],
    [[host, 'Sec-Fetch-Site: same-site'], 'cross-origin'],
    [[host, 'Sec-Fetch-Site: cross-site'], 'cross-origin'],
    [[host, 'Sec-Fetch-Site: cross-site', 'Origin: http://localhost:8080'], 'cross-origin'],
    [[host, 'Sec-Fetch-Site: same-origin', 'Origin: http://attacker.com'], 'cross-origin'],
  ];
  for (const [lines, want] of rows) {
    test(`${lines.slice(1).join(', ') || 'none'} is ${want ?? 'admitted'}`, () => {
      expect(admissionError(rules, fieldsOf(lines), undefined, false)).toBe(want);
      // Whoever asks may read.
      expect(admissionError(rules, fieldsOf(lines), undefined, true)).toBeUndefined();
    });
  }
});

test('loopback', () => {
  for (const host of ['localhost', '127.0.0.1', '127.9.9.9', '::1'])
    expect(isLoopback(host)).toBe(true);
  for (const host of ['0.0.0.0', '::', '192.168.1.7', 'h']) expect(isLoopback(host)).toBe(false);
});
