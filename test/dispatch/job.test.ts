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
    const { job } = jobOf(1);
    for (let run = 1; run < editRunsMax; run += 1) {
      job.tries = 2;
      expect([job.tryStartOver(), job.tries]).toEqual([true, 0]);
    }
    job.tries = 2;
    expect([editRunsMax, job.tryStartOver(), job.tries]).toEqual([8, false, 2]);
  });
});
