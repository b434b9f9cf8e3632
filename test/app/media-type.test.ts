/** Which type a page is sent with, and what a `Content-Type` says. */

import { describe, expect, test } from 'bun:test';
import { pageMediaType, takeMediaType } from '../../src/app/media-type.ts';
import { resourceKey } from '../../src/model/resource-key.ts';

const pages: readonly [name: string, want: string][] = [
  ['test.html', 'text/html'],
  ['test.htm', 'text/html'],
  ['TEST.HTML', 'text/html'],
  ['a/b.c/test.html', 'text/html'],
  ['style.css', 'text/css; charset=utf-8'],
  ['app.js', 'text/javascript; charset=utf-8'],
  ['app.mjs', 'text/javascript; charset=utf-8'],
  ['data.json', 'application/json; charset=utf-8'],
  ['read.txt', 'text/plain; charset=utf-8'],
  ['image.svg', 'image/svg+xml; charset=utf-8'],
  ['read.md', 'text/markdown; charset=utf-8'],
  ['photo.png', 'image/png'],
  ['photo.jpeg', 'image/jpeg'],
  ['font.woff2', 'font/woff2'],
  ['module.wasm', 'application/wasm'],
  ['archive.tar.gz', 'application/gzip'],
  ['page.html.br', 'application/octet-stream'],
  ['README', 'application/octet-stream'],
  ['html', 'application/octet-stream'],
  ['name.', 'application/octet-stream'],
  ['a.unheard-of', 'application/octet-stream'],
  ['folder.html/file', 'application/octet-stream'],
];

describe('a page is sent as', () => {
  for (const [name, want] of pages) {
    test(`${name}: ${want}`, () => {
      const state = { size: 0, modifiedMs: 0 };
      expect(pageMediaType(resourceKey(name.split('/')), state)).toBe(want);
    });
  }

  test('HTML gets a charset only where the page needs one', () => {
    const state = { size: 0, modifiedMs: 0, needsUtf8Label: true };
    expect(pageMediaType(resourceKey(['a.html']), state)).toBe('text/html; charset=utf-8');
    expect(pageMediaType(resourceKey(['a.png']), state)).toBe('image/png');
    const not = { ...state, needsUtf8Label: false };
    expect(pageMediaType(resourceKey(['a.html']), not)).toBe('text/html');
  });
});

/** The essence, and the charset where one is named; `-` for what is no media type. */
const fields: readonly [field: string, want: string][] = [
  ['text/html', 'text/html'],
  ['Text/HTML', 'text/html'],
  ['text/html;charset=utf-8', 'text/html utf-8'],
  ['text/html; charset=UTF-8', 'text/html utf-8'],
  ['text/html ;\tcharset=utf-8', 'text/html utf-8'],
  ['text/html; charset="UTF-8"', 'text/html utf-8'],
  ['text/html; CHARSET=x', 'text/html x'],
  ['text/html; a=b; charset=x; c=d', 'text/html x'],
  ['text/html;', 'text/html'],
  ['text/html; boundary=charset', 'text/html'],
  ['text/html; xcharset=y', 'text/html'],
  ['application/x-www-form-urlencoded', 'application/x-www-form-urlencoded'],
  ['image/svg+xml', 'image/svg+xml'],
  ['', '-'],
  ['text', '-'],
  ['text/', '-'],
  ['/html', '-'],
  ['text/html, text/plain', '-'],
  ['text /html', '-'],
  ['text/html charset=utf-8', '-'],
  ['text/ht<ml', '-'],
];

describe('a field says', () => {
  for (const [field, want] of fields) {
    test(`${JSON.stringify(field)}: ${want}`, () => {
      const taken = takeMediaType(field);
      const parts = taken === undefined ? ['-'] : [taken.essence, taken.charset];
      expect(parts.filter((part) => part !== undefined).join(' ')).toBe(want);
    });
  }
});
