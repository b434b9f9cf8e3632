/** An edit's job by itself: who gets which results, and what starting over leaves of it. */

import { describe, expect, test } from 'bun:test';
import { EditRequest } from '../../src/dispatch/edit-request.ts';
import { EditJob } from '../../src/dispatch/job.ts';
import { editRunsMax } from '../../src/dispatch/limits.ts';
import { type EditResult, refused } from '../../src/model/operation.ts';
import { insert, key } from './harness.ts';

interface Made {
  readonly job: EditJob;
  readonly requests: readonly EditRequest[];
  /** What happened, in order: the lock's release, and each answer. */
  readonly log: string[];
}

/** @param counts how many edits each request has */
function jobOf(...counts: number[]): Made {
  const log: string[] = [];
  const requests = counts.map((count, index) => {
    const edits = Array.from({ length: count }, (_, part) => insert(`${index}.${part}`));
    return new EditRequest(10 + index, key('a.html'), edits, 0, (results) =>
      log.push(`${index}: ${results.map(codeOf).join(' ')}`),
    );
  });
  const [first] = requests;
  if (first === undefined) throw new Error('a job of nobody');
  return { job: new EditJob(first, requests, () => log.push('released')), requests, log };
}

/** Results that can be told apart. */
function numbered(count: number): EditResult[] {
  return Array.from({ length: count }, (_, index) => refused('page-open', `${index}`));
}

function unstable(count: number): EditResult[] {
  return Array.from({ length: count }, () => refused('unstable'));
}

/** What the edits of its operation put in. */
function contents({ operation }: EditJob): string[] {
  return operation.edits.map((edit) =>
    edit.kind === 'remove' ? '' : Buffer.from(edit.content).toString(),
  );
}

function codeOf(result: EditResult): string {
  return result.kind === 'refused' ? (result.detail ?? result.code) : result.kind;
}

describe('an edit’s job', () => {
  test('releases the lock, then gives each its own results, in order', () => {
    const { job, log } = jobOf(1, 3, 0, 2);
    expect(job.operation.edits.length).toBe(6);
    job.finish(numbered(6), 1);
    expect(log).toEqual(['released', '0: 0', '1: 1 2 3', '2: ', '3: 4 5']);
    expect(() => job.finish(numbered(6), 1)).toThrow('twice');
  });

  test('one that was answered while a thread has it keeps its place in the results', () => {
    const { job, requests, log } = jobOf(1, 2, 1);
    job.isSent = true;
    requests[1]?.expire();
    job.finish(numbered(4), 1);
    expect(log).toEqual(['1: outcome-unknown outcome-unknown', 'released', '0: 0', '2: 3']);
  });

  test('one that was answered before that is left out, the first too', () => {
    const { job, requests, log } = jobOf(1, 2, 1);
    const { id } = job.operation;
    requests[0]?.expire();
    job.dropAnswered();
    expect([job.operation.id, job.operation.edits.length, job.isAnswered]).toEqual([id, 3, false]);
    job.finish(numbered(3), 1);
    expect(log).toEqual(['0: busy', 'released', '1: 0 1', '2: 2']);
  });

  test('with nobody left it is answered, and still has a lock to release', () => {
    const { job, requests, log } = jobOf(1, 1);
    for (const request of requests) request.expire();
    expect(job.isAnswered).toBe(true);
    job.dropAnswered();
    job.refuse('read-only');
    expect(log).toEqual(['0: busy', '1: busy', 'released']);
  });

  test('it is changed only while no thread has it', () => {
    const { job } = jobOf(1);
    job.isSent = true;
    expect(() => job.dropAnswered()).toThrow('may have it');
  });

  test('started over, it is as one that no worker had; eight runs in all', () => {
    const { job, log } = jobOf(1, 2);
    for (let run = 1; run < editRunsMax; run += 1) {
      job.tries = 2;
      expect([job.tryStartOver(unstable(3), 1), job.tries]).toEqual([true, 0]);
    }
    job.tries = 2;
    expect([editRunsMax, job.tryStartOver(unstable(3), 1), job.tries]).toEqual([8, false, 2]);
    expect(log).toEqual([]);
  });

  test('with nothing to be done over it does not start over', () => {
    const { job, log } = jobOf(1, 1);
    expect(job.tryStartOver(numbered(2), 1)).toBe(false);
    expect(log).toEqual([]);
  });

  test('those whose results are final are answered, and the others go on without them', () => {
    const { job, log } = jobOf(1, 2, 1, 1);
    const { id } = job.operation;
    job.tries = 2;
    const results = [...unstable(1), ...numbered(2), ...unstable(1), ...numbered(1)];
    expect(job.tryStartOver(results, 1)).toBe(true);
    expect(log).toEqual(['1: 0 1', '3: 0']);
    expect([job.operation.id, contents(job), job.tries]).toEqual([id, ['0.0', '2.0'], 0]);
    job.finish(numbered(2), 1);
    expect(log.slice(2)).toEqual(['released', '0: 0', '2: 1']);
  });

  test('a request of which a part did not happen is done over whole', () => {
    const { job, log } = jobOf(1, 2);
    expect(job.tryStartOver([...numbered(2), ...unstable(1)], 1)).toBe(true);
    expect(log).toEqual(['0: 0']);
    expect(contents(job)).toEqual(['1.0', '1.1']);
  });

  test('while somebody is answered each time, no run is counted', () => {
    const count = editRunsMax * 2;
    const { job, log } = jobOf(...Array(count).fill(1));
    for (let left = count; left > 1; left -= 1) {
      expect(job.tryStartOver([...numbered(1), ...unstable(left - 1)], 1)).toBe(true);
    }
    expect(log.length).toBe(count - 1);
    for (let run = 1; run < editRunsMax; run += 1) {
      expect(job.tryStartOver(unstable(1), 1)).toBe(true);
    }
    expect(job.tryStartOver(unstable(1), 1)).toBe(false);
  });

  test('who was late keeps its place, and is answered no second time', () => {
    const { job, requests, log } = jobOf(1, 1, 1);
    job.isSent = true;
    for (const late of [0, 1]) requests[late]?.expire();
    expect(job.tryStartOver([...unstable(1), ...numbered(1), ...unstable(1)], 1)).toBe(true);
    expect(log).toEqual(['0: outcome-unknown', '1: outcome-unknown']);
    job.isSent = false;
    job.dropAnswered();
    expect(contents(job)).toEqual(['2.0']);
    job.finish(numbered(1), 1);
    expect(log.slice(2)).toEqual(['released', '2: 0']);
  });

  test('whoever is answered may ask for the next thing at once', () => {
    const seen: string[][] = [];
    const request = (id: number, done: () => void): EditRequest =>
      new EditRequest(id, key('a.html'), [insert(`${id}`)], 0, done);
    const first = request(1, () => seen.push(contents(job)));
    const job = new EditJob(first, [first, request(2, () => {})], () => {});
    expect(job.tryStartOver([...numbered(1), ...unstable(1)], 1)).toBe(true);
    expect(seen).toEqual([['2']]);
  });
});
