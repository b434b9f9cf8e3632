/** Judges an answer, and what it left on the disk, by its row. */

import { expect } from 'bun:test';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { RawResponse } from '../../support/raw-client.ts';
import type { TestRoot } from '../../support/root.ts';
import { type Row, seedFiles, type WantedField } from './row.ts';

/** A row in its place: the folder that `/~/` stands for, and the tag of its page. */
export interface Place {
  readonly folder: string;
  readonly etag: string;
}

export function inPlace(text: string, { folder, etag }: Place): string {
  return text.replaceAll('/~/', `/${folder}/`).replaceAll('{etag}', etag);
}

export function methodOf(raw: string): string {
  return raw.trimStart().split(' ', 1)[0] ?? '';
}

const datePattern = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/;

/** What holds for every answer, and what the row says of this one. */
export function checkResponse(row: Row, response: RawResponse, place: Place): void {
  const { status, fields, body, lines } = response;
  const shown = JSON.stringify({ name: row.name, line: response.statusLine, lines, body });
  const has = (name: string, want: WantedField): void => {
    const value = fields.get(name);
    const said = `${name} in ${shown.slice(0, 2_000)}`;
    if (want === undefined) expect(value, said).toBeUndefined();
    else if (typeof want === 'string') expect(value, said).toBe(inPlace(want, place));
    else expect(value ?? '', said).toMatch(want);
  };
  expect(status, shown.slice(0, 2_000)).toBe(row.status);
  has('date', datePattern);
  has('server', 'Inkwire');
  has('x-content-type-options', 'nosniff');
  has('transfer-encoding', undefined);
  if (row.closes === true) has('connection', 'close');
  else expect(fields.get('connection') ?? '', shown).not.toContain('close');
  const names = lines.map((line) => line.slice(0, line.indexOf(':')).toLowerCase());
  expect(new Set(names).size, `no field twice in ${shown}`).toBe(names.length);
  const head = methodOf(row.raw) === 'HEAD';
  if (status === 204 || status === 304 || (head && status >= 400)) has('content-length', undefined);
  else if (!head) has('content-length', String(body.length));
  if (status >= 400) {
    has('cache-control', 'no-store');
    has('content-type', 'text/html; charset=utf-8');
    has('etag', undefined);
    if (!head) expect(body).toMatch(/^<!DOCTYPE html>\n[\s\S]*<p>[^<]+\.<\/p>/);
  }
  for (const [name, want] of Object.entries(row.fields ?? {})) has(name, want);
  if (typeof row.body === 'string') expect(body === inPlace(row.body, place), shown).toBe(true);
  else if (row.body !== undefined) expect(body).toMatch(row.body);
}

/** The row's folder holds the seed and the row's effect, and nothing else. */
export function checkFiles(row: Row, root: TestRoot, place: Place): void {
  const want = new Map<string, string>(Object.entries(seedFiles));
  for (const [name, content] of Object.entries(row.effect ?? {})) {
    if (content === undefined) want.delete(name);
    else want.set(name, inPlace(content, place));
  }
  const found = filesBelow(join(root.path, place.folder));
  expect(found, `the files after ${row.name}`).toEqual([...want.keys()].sort());
  for (const name of found) {
    const same = root.read(`${place.folder}/${name}`) === want.get(name);
    expect(same, `${name} after ${row.name}`).toBe(true);
  }
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort();
}
