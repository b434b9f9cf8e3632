/** The ledger and the kernel: what is synced before a commit returns, and what a full disk does. */

import { Database } from 'bun:sqlite';
import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LedgerBusy, LedgerFull } from '../../src/store/ledger/ledger.ts';
import type { SqliteLedger } from '../../src/store/ledger/sqlite-ledger.ts';
import { create, done, insert, keyed, TestLedger } from '../store/ledger/support.ts';
import { key } from '../store/support.ts';
import { TestRoot } from '../support/root.ts';
import { missing, named } from '../support/system.ts';
import { SmallDisk } from './small-disk.ts';

const program = join(import.meta.dir, '../store/ledger/commit-groups.ts');

/**
 * Runs the program under strace. Returns its calls and lines in order: `sync` of the journal's
 * content, `sync of another file`, `said`, `failed: …`.
 */
function traced(durability: 'sync' | 'none', groups: number, ...faults: string[]): string[] {
  using folder = new TestRoot();
  const trace = join(folder.path, 'trace');
  const path = join(folder.path, 'ledger.db');
  const strace = ['strace', '-f', '-y', '-e', 'trace=fsync,fdatasync,write', ...faults];
  Bun.spawnSync([
    ...[...strace, '-o', trace],
    ...[process.execPath, program, path, durability, '1', `${groups}`],
  ]);
  const events: string[] = [];
  for (const line of readFileSync(trace, 'utf8').split('\n')) {
    const said = /write\(1<[^>]*>, "(failed: [\w: ]+)?/.exec(line);
    if (said !== null) events.push(said[1] ?? 'said');
    else if (/fdatasync\(\d+<[^>]*ledger\.journal\/[01]>/.test(line)) events.push('sync');
    else if (/sync\(/.test(line)) events.push('sync of another file');
  }
  return events;
}

const lackOfStrace = missing({ programs: ['strace'] });

// A tracer is needed; the name says it when there is none.
describe.skipIf(lackOfStrace !== undefined)(named('the calls of commits', lackOfStrace), () => {
  test('with sync: a group is on the disk before it may be published', () => {
    const events = traced('sync', 3);
    expect(events.filter((event) => event === 'said').length).toBe(3);
    const commits = events.slice(events.indexOf('said') - 1);
    expect(commits).toEqual(['sync', 'said', 'sync', 'said', 'sync', 'said']);
  }, 30_000);

  test('with none: nothing is synced', () => {
    expect(traced('none', 3)).toEqual(['said', 'said', 'said']);
  }, 30_000);

  test('a sync that fails is a failure of which nobody knows, and ends it', () => {
    // The first commit's is the last one before the program speaks.
    const before = traced('sync', 1);
    const first = before.slice(0, before.indexOf('said')).filter((event) => event === 'sync');
    const events = traced('sync', 5, '-e', `inject=fdatasync:error=EIO:when=${first.length + 1}+`);
    expect(events.findLast((event) => event !== 'sync of another file')).toBe(
      'failed: fdatasync: EIO',
    );
    expect(events.filter((event) => event === 'said').length).toBe(1);
  }, 30_000);
});

// Mounting is for root alone; the name says it when this is not root.
describe.skipIf(SmallDisk.lack !== undefined)(named('a full disk', SmallDisk.lack), () => {
  function isFull(act: () => unknown): boolean {
    try {
      act();
      return false;
    } catch (error) {
      if (error instanceof LedgerFull) return true;
      throw error;
    }
  }
  const edited = (ledger: SqliteLedger): void => {
    done(ledger, create('a.html', 1), create('b.html', 2));
  };

  test('takes nothing, keeps what is there, and goes on when there is room', async () => {
    await using disk = new SmallDisk();
    using folder = new TestLedger(disk.path);
    const ledger = folder.open({ durability: 'sync' });
    edited(ledger);
    disk.fill();
    const entry = insert('a.html', 1, 3, [keyed('k')]);
    for (let times = 0; times < 3; times += 1) {
      expect(isFull(() => ledger.commitGroup([entry]))).toBe(true);
    }
    expect(ledger.findKey('k')).toBeUndefined();
    expect(ledger.revisionOf(key('a.html'))?.revision).toBe(1);
    disk.makeRoom();
    expect(done(ledger, entry)[0]).toMatchObject({ revision: 2, displaces: 1 });
    ledger.close();
    const after = folder.open();
    expect(after.findKey('k')?.revision).toBe(2);
    expect(after.revisions(key('a.html')).length).toBe(2);
  });

  test('an edit that did not happen is known at once, and written down with the next', async () => {
    await using disk = new SmallDisk();
    using folder = new TestLedger(disk.path);
    const ledger = folder.open({ durability: 'sync' });
    edited(ledger);
    const entry = insert('a.html', 1, 3, [keyed('k')]);
    ledger.commitGroup([entry]);
    disk.fill();
    // The journal has room of its own.
    ledger.finishGroup([entry.operation]);
    expect(ledger.findKey('k')).toBeUndefined();
    expect(ledger.revisionOf(key('a.html'))?.revision).toBe(1);
    expect(isFull(() => ledger.commitGroup([entry]))).toBe(true);
    disk.makeRoom();
    const again = { ...insert('a.html', 1, 4, [keyed('k')]), operation: 'again' };
    expect(done(ledger, again)[0]).toMatchObject({ revision: 3, displaces: 1 });
    const past = ledger.revisions(key('a.html')).map(({ state }) => state);
    expect(past).toEqual(['pending', 'undone', 'done']);
    expect(ledger.findKey('k')?.revision).toBe(3);
  });

  test('a ledger that has no room to be made is not opened', async () => {
    await using disk = new SmallDisk();
    using folder = new TestLedger(disk.path);
    disk.fill();
    expect(() => folder.open()).toThrow('the ledger');
    disk.makeRoom();
    expect(folder.open().pages()).toEqual([]);
  });
});

test('while another program holds it nothing is written, and edits go on after that', () => {
  using folder = new TestLedger();
  const ledger = folder.open();
  done(ledger, create('a.html', 1));
  using other = new Database(folder.path);
  other.run('BEGIN IMMEDIATE');
  const entry = insert('a.html', 1, 2, [keyed('k')]);
  expect(() => ledger.commitGroup([entry])).toThrow(LedgerBusy);
  other.run('ROLLBACK');
  expect(ledger.findKey('k')).toBeUndefined();
  expect(done(ledger, entry)[0]).toMatchObject({ revision: 2, displaces: 1 });
  // It waits for some seconds before it gives up.
}, 30_000);
