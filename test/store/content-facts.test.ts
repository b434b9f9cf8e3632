/** A large content is hashed once for each version, and anew when it may have changed. */

import { expect, test } from 'bun:test';
import { constants, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ContentFacts } from '../../src/store/content-facts.ts';
import type { FileSystem } from '../../src/store/file-system.ts';
import { contentTag } from '../../src/store/page-state.ts';
import { systemFileSystem } from '../../src/store/system-file-system.ts';
import { key } from './support.ts';

test('it is read once, again after a change, and always while its stamps are fresh', () => {
  const folder = mkdtempSync(join(tmpdir(), 'inkwire-facts-'));
  let reads = 0;
  const counting: FileSystem = Object.create(systemFileSystem, {
    pread: {
      value: (descriptor: number, bytes: Uint8Array, position: number) => {
        reads += 1;
        return systemFileSystem.pread(descriptor, bytes, position);
      },
    },
  });
  const path = join(folder, 'large.html');
  const facts = new ContentFacts(counting, 10_000);
  const ask = (nowMs: number): { tag: string | undefined; reads: number } => {
    const descriptor = systemFileSystem.open(path, constants.O_RDONLY, 0);
    reads = 0;
    try {
      const status = systemFileSystem.fstat(descriptor);
      const known = facts.of(descriptor, status, key('large.html'), nowMs);
      return { tag: known?.state.tag?.opaque, reads };
    } finally {
      systemFileSystem.close(descriptor);
    }
  };
  try {
    const write = (text: string): string => {
      writeFileSync(path, text);
      return contentTag(Buffer.from(text)).opaque;
    };
    const one = write('1'.repeat(5_000));
    const later = Date.now() + 60_000;
    expect(ask(Date.now() - 60_000)).toEqual({ tag: one, reads: 1 });
    expect(ask(later)).toEqual({ tag: one, reads: 1 });
    expect(ask(later)).toEqual({ tag: one, reads: 0 });
    const two = write('2'.repeat(5_000));
    expect(ask(later)).toEqual({ tag: two, reads: 1 });
    utimesSync(path, 1, 1);
    expect(ask(later)).toEqual({ tag: two, reads: 1 });
    write('3'.repeat(10_001));
    expect(ask(later).reads).toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
