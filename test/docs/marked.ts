/**
 * Parts of a document that are made by a script: what stands between `<!-- name -->` and `<!--
 * /name -->`.
 */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const repository = join(import.meta.dir, '../..');

/** The path of a file of this repository, given as `docs/HTTP.md`. */
export function repositoryPath(name: string): string {
  return join(repository, name);
}

/** What stands between the markers in the document, without the line ends beside them. */
export function markedPart(document: string, name: string): string {
  const [start, end] = bounds(document, name);
  return document.slice(start, end).trim();
}

/** The document with `part` between its markers. */
export function withMarkedPart(document: string, name: string, part: string): string {
  const [start, end] = bounds(document, name);
  return `${document.slice(0, start)}\n${part}\n${document.slice(end)}`;
}

/** Puts parts between the markers of a file; `skeleton` is what it holds if it is not there yet. */
export function writeMarkedParts(
  name: string,
  parts: Readonly<Record<string, string>>,
  skeleton?: string,
): void {
  const path = repositoryPath(name);
  const missing = skeleton !== undefined && !existsSync(path);
  let document = missing ? skeleton : readFileSync(path, 'utf8');
  for (const [marker, part] of Object.entries(parts)) {
    document = withMarkedPart(document, marker, part);
  }
  writeFileSync(path, document);
}

/** The part of a file of this repository. */
export function fileMarkedPart(name: string, marker: string): string {
  return markedPart(readFileSync(repositoryPath(name), 'utf8'), marker);
}

function bounds(document: string, name: string): [start: number, end: number] {
  const opening = `<!-- ${name} -->`;
  const start = document.indexOf(opening);
  const end = document.indexOf(`<!-- /${name} -->`);
  if (start === -1 || end < start) throw new Error(`no part between the markers of "${name}"`);
  return [start + opening.length, end];
}
