/** `:verify`: its options, whether they make sense together, and the plan they make. Pure. */

import type { Endpoint } from '../client/exchange.ts';
import { repetitionsMax } from '../client/repetition.ts';
import type { FieldLine } from '../http/message.ts';
import { editsMin, type VerifyPlan, type VerifyWay } from '../load/verify/verify.ts';
import { quoted } from './display.ts';
import { type Problem, parseHeader, parsePage, problem } from './language.ts';
import {
  duration,
  flag,
  flagOrValue,
  type OptionRow,
  option,
  optionUsage,
  positional,
  takeOptions,
  type ValueReader,
  wholeNumber,
} from './options.ts';
import { templateOf } from './request.ts';

export const verifyUsage = ':verify PAGE [options]';

/** Edits of one run: the history of each takes some 300 bytes. */
export const verifyEditsMax = 1_000_000;
/** Connections of one run: as many as a load may have. */
export const verifyConnectionsMax = 4_096;
export const verifyReadersMax = 1_024;
/** Copies of one run: each is a file of the server. */
export const verifyCopiesMax = 10_000;
/** Edits on one page that need no `--force`: a page holds them all, and is read again and again. */
export const verifyEditsPerPageMax = 5_000;
/** Edits of one run with `--swap`: each takes many tries, and a read before each is remembered. */
export const verifySwapEditsMax = 100_000;
/** The longest wait for a response: a day. */
const timeoutMsMax = 24 * 3_600_000;

export interface VerifyLine {
  readonly kind: 'verify';
  /** The page, with its slash; characters beyond ASCII as they were typed. */
  readonly target: string;
  readonly headers: readonly FieldLine[];
  readonly edits: number;
  readonly connections: number;
  readonly readers: number;
  /** Absent: the page itself is edited. */
  readonly copies?: number;
  readonly way: VerifyWay;
  /** Absent: the session's. */
  readonly timeoutMs?: number;
  /** How often what had no answer is sent again; absent: never. */
  readonly retry?: number;
  /** Whether writes go without an idempotency key. */
  readonly noKey: boolean;
  readonly force: boolean;
  /** Whether the verdict is to be JSON. */
  readonly json: boolean;
}

/** What stands behind `:verify`. */
interface VerifyOptions extends Omit<VerifyLine, 'kind' | 'way'> {
  readonly swap: 'PUT' | 'POST';
  readonly patch: boolean;
}

const header: ValueReader<FieldLine> = {
  expected: "'Name: value'",
  take(text) {
    return parseHeader(text);
  },
};

const swapMethod: ValueReader<'PUT' | 'POST'> = {
  expected: 'PUT or POST, as in --swap=POST',
  take(text) {
    const method = text.toUpperCase();
    return method === 'PUT' || method === 'POST' ? method : undefined;
  },
};

/** In the order in which `:help :verify` lists them. */
export const verifyOptions: readonly OptionRow<VerifyOptions>[] = [
  option(
    { names: ['-n', '--edits'], placeholder: 'N', summary: 'edits in all (500)' },
    wholeNumber(editsMin, verifyEditsMax),
    (edits) => ({ edits }),
  ),
  option(
    { names: ['-c', '--connections'], placeholder: 'N', summary: 'over N connections (64)' },
    wholeNumber(1, verifyConnectionsMax),
    (connections) => ({ connections }),
  ),
  option(
    { names: ['--pages'], placeholder: 'N', summary: 'on N copies of the page: test-1.html …' },
    wholeNumber(1, verifyCopiesMax),
    (copies) => ({ copies }),
  ),
  option(
    { names: ['--readers'], placeholder: 'N', summary: 'connections that only read (4)' },
    wholeNumber(0, verifyReadersMax),
    (readers) => ({ readers }),
  ),
  flagOrValue(
    {
      names: ['--swap'],
      summary: 'reads it and puts it back whole (--swap=POST: by POST)',
    },
    { swap: 'PUT' },
    swapMethod,
    (swap) => ({ swap }),
  ),
  flag({ names: ['--patch'], summary: 'inserts by PATCH, not by PUT' }, { patch: true }),
  option(
    {
      names: ['-H', '--header'],
      placeholder: "'Name: value'",
      summary: 'goes with every request',
      repeats: true,
    },
    header,
    (field, { headers = [] }) => ({ headers: [...headers, field] }),
  ),
  option(
    { names: ['--timeout'], placeholder: 'T', summary: 'waits so long for a response' },
    duration(timeoutMsMax),
    (timeoutMs) => ({ timeoutMs }),
  ),
  option(
    { names: ['--retry'], placeholder: 'N', summary: 'sends again what had no answer, N times' },
    wholeNumber(0, repetitionsMax),
    (retry) => ({ retry }),
  ),
  flag({ names: ['--no-key'], summary: 'writes go without Idempotency-Key' }, { noKey: true }),
  flag({ names: ['--force'], summary: 'more than 5,000 edits on one page' }, { force: true }),
  flag({ names: ['--json'], summary: 'the verdict as one line of JSON' }, { json: true }),
];

const pageWord = positional<VerifyOptions, string>(
  'PAGE',
  /^[^-]/,
  {
    expected: 'the path of a page, as test.html',
    take: (text) => parsePage(text),
  },
  (target) => ({ target }),
);

/** The options as lines for a person, a name and what it does each. */
export function verifyOptionLines(): string[] {
  const usages = verifyOptions.map(optionUsage);
  const width = Math.max(...usages.map((usage) => usage.length));
  return verifyOptions.map(({ summary }, at) => `${(usages[at] ?? '').padEnd(width)}   ${summary}`);
}

/** Reads what follows `:verify`. */
export function parseVerify(rest: string): VerifyLine | Problem {
  const taken = takeOptions(rest, verifyOptions, [pageWord]);
  const slip = /(?:^|[ \t])--swap[ \t]+(put|post)(?![^ \t])/i.exec(rest)?.[1];
  if (slip !== undefined && (taken.kind === 'problem' || taken.values.target === `/${slip}`)) {
    return problem(`${quoted(slip)} is no page; did you mean --swap=${slip.toUpperCase()}?`);
  }
  if (taken.kind === 'problem') return taken;
  if (taken.rest !== '') {
    return problem(`${quoted(taken.rest)} is no option of :verify; expected ${verifyUsage}`);
  }
  const { target, swap, patch, ...given } = taken.values;
  if (target === undefined) return problem(`no page to verify; expected ${verifyUsage}`);
  if (swap !== undefined && patch === true) {
    return problem('--swap and --patch are both there; expected one of them');
  }
  const line: VerifyLine = {
    kind: 'verify',
    headers: [],
    edits: 500,
    connections: 64,
    readers: 4,
    noKey: false,
    force: false,
    json: false,
    ...given,
    target,
    way: wayOf(swap, patch === true),
  };
  const doubt = doubtSize(line);
  return doubt === undefined ? line : problem(doubt);
}

function wayOf(swap: 'PUT' | 'POST' | undefined, patch: boolean): VerifyWay {
  if (swap !== undefined) return { kind: 'swap', method: swap };
  return { kind: 'insert', method: patch ? 'PATCH' : 'PUT' };
}

/** Why the run would take far more than it looks; `undefined` when it does not. */
function doubtSize({ edits, copies = 1, force, way }: VerifyLine): string | undefined {
  if (way.kind === 'swap' && edits > verifySwapEditsMax) {
    return `${edits} edits with --swap; expected at most ${verifySwapEditsMax}, for each has many tries`;
  }
  const each = Math.ceil(edits / copies);
  if (force || each <= verifyEditsPerPageMax) return undefined;
  const pages = Math.ceil(edits / verifyEditsPerPageMax);
  const why = 'each read carries the whole page, so the work grows with the square of its edits';
  return `${each} edits on one page: ${why}; spread them with --pages ${pages}, or add --force`;
}

/**
 * @param standing fields that go with every request; a `-H` of the same name takes their place
 * @param keyPrefix what the keys of the run's writes begin with; absent: they go without
 */
export function verifyPlan(
  line: VerifyLine,
  endpoint: Endpoint,
  standing: readonly FieldLine[],
  timeoutMs: number,
  keyPrefix?: string,
): VerifyPlan {
  const { target, headers, edits, connections, readers, copies, way } = line;
  const request = { kind: 'request', method: 'GET', headers, target } as const;
  const none = { kind: 'none' } as const;
  const { fields } = templateOf({ ...request, content: none }, none, endpoint.authority, standing);
  return {
    endpoint,
    target,
    fields,
    way,
    edits,
    connections,
    readers,
    ...(copies !== undefined && { copies }),
    timeoutMs: line.timeoutMs ?? timeoutMs,
    ...(line.retry !== undefined && { retry: line.retry }),
    ...(keyPrefix !== undefined && !line.noKey && { keyPrefix }),
  };
}
