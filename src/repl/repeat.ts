/** `:repeat`: its options, and whether they make sense together. Pure. */

import { repetitionsMax } from '../client/repetition.ts';
import type { LoadExtent, StatusExpectation } from '../load/load.ts';
import { parseThresholds, type Threshold } from '../load/report/thresholds.ts';
import { quoted, visibleLine } from './display.ts';
import { type Problem, parseRequest, problem, type RequestLine } from './language.ts';
import {
  anyText,
  duration,
  flag,
  type OptionRow,
  option,
  optionUsage,
  positional,
  positiveNumber,
  takeOptions,
  type ValueReader,
  wholeNumber,
} from './options.ts';
import { statusList } from './status-list.ts';

export const repeatUsage = ':repeat [COUNT] [options] REQUEST';

/** Requests of one run: hours at full speed. */
export const repeatCountMax = 1_000_000_000;
/** Connections of one run: what the server takes by default is not much more than twice that. */
export const repeatConnectionsMax = 4_096;
/** Requests under way on one connection: beyond, they only wait in the buffers of the kernel. */
export const repeatPipelineMax = 1_024;
/** Requests under way on all connections: each is remembered until its answer comes. */
export const repeatUnderWayMax = 65_536;
/** Threads of one run: more than the processors of the machines that a load comes from. */
export const repeatThreadsMax = 64;
/** Requests per second: more than any client of one machine sends. */
export const repeatRateMax = 10_000_000;
/** The longest run, warm-up, ramp or wait: a day. */
export const repeatDurationMsMax = 24 * 3_600_000;

/** Where the requests of a run come from. */
export type RepeatSource =
  | { readonly kind: 'request'; readonly request: RequestLine }
  /** A file for `parseMix`, relative to the working directory. */
  | { readonly kind: 'mix'; readonly path: string };

export interface RepeatLine {
  readonly kind: 'repeat';
  readonly extent: LoadExtent;
  readonly connections: number;
  /** Requests per second on a schedule; absent: as fast as the answers come. */
  readonly rate?: number;
  readonly rampMs: number;
  readonly pipeline: number;
  readonly warmupMs: number;
  readonly keepAlive: boolean;
  /** Absent: the session's. */
  readonly timeoutMs?: number;
  readonly threads: number;
  /** How often a request that says nothing itself may be sent again; absent: the session's. */
  readonly retry?: number;
  /** Whether writes go without an idempotency key. */
  readonly noKey: boolean;
  /** For every request that says nothing itself, as lines of a mix can. */
  readonly expects?: StatusExpectation;
  /** The run fails when one is broken. */
  readonly thresholds: readonly Threshold[];
  /** Whether the report is to be JSON. */
  readonly json: boolean;
  /** Whether the bars of the report are drawn with `#` alone. */
  readonly ascii: boolean;
  readonly source: RepeatSource;
}

/** What stands between `:repeat` and the method. */
interface RepeatOptions extends Omit<RepeatLine, 'kind' | 'extent' | 'source'> {
  readonly count: number;
  readonly durationMs: number;
  readonly mix: string;
}

const time = duration(repeatDurationMsMax);

const conditions: ValueReader<readonly Threshold[]> = {
  expected: "conditions, as 'p99>20ms,errors>0'",
  take(text) {
    const read = parseThresholds(text);
    return typeof read === 'string' ? problem(visibleLine(read)) : read;
  },
};

/** In the order in which `:help :repeat` lists them. */
export const repeatOptions: readonly OptionRow<RepeatOptions>[] = [
  option(
    { names: ['-c', '--connections'], placeholder: 'N', summary: 'over N connections (1)' },
    wholeNumber(1, repeatConnectionsMax),
    (connections) => ({ connections }),
  ),
  option(
    { names: ['-d', '--duration'], placeholder: 'T', summary: 'for a time, as 30s, and no COUNT' },
    time,
    (durationMs) => ({ durationMs }),
  ),
  option(
    {
      names: ['--rate'],
      placeholder: 'N',
      summary: 'N a second on a schedule, whatever comes back',
    },
    positiveNumber(repeatRateMax),
    (rate) => ({ rate }),
  ),
  option(
    { names: ['--ramp'], placeholder: 'T', summary: 'rate or connections grow over that time' },
    time,
    (rampMs) => ({ rampMs }),
  ),
  option(
    { names: ['--warmup'], placeholder: 'T', summary: 'runs for that time before it counts' },
    time,
    (warmupMs) => ({ warmupMs }),
  ),
  option(
    { names: ['--pipeline'], placeholder: 'N', summary: 'N under way on each connection (1)' },
    wholeNumber(1, repeatPipelineMax),
    (pipeline) => ({ pipeline }),
  ),
  flag(
    { names: ['--no-keepalive'], summary: 'a connection for each request' },
    { keepAlive: false },
  ),
  option(
    { names: ['--timeout'], placeholder: 'T', summary: 'waits so long for a response' },
    time,
    (timeoutMs) => ({ timeoutMs }),
  ),
  option(
    { names: ['--threads'], placeholder: 'N', summary: 'threads that share the work (1)' },
    wholeNumber(1, repeatThreadsMax),
    (threads) => ({ threads }),
  ),
  option(
    { names: ['--retry'], placeholder: 'N', summary: 'sends again what had no answer, N times' },
    wholeNumber(0, repetitionsMax),
    (retry) => ({ retry }),
  ),
  flag({ names: ['--no-key'], summary: 'writes go without Idempotency-Key' }, { noKey: true }),
  option(
    { names: ['--expect'], placeholder: 'LIST', summary: 'other statuses fail: 200,201 or 2xx' },
    statusList,
    (expects) => ({ expects }),
  ),
  option(
    { names: ['--fail-if'], placeholder: 'LIST', summary: "fails the run: 'p99>20ms,errors>0'" },
    conditions,
    (thresholds) => ({ thresholds }),
  ),
  option(
    { names: ['--mix'], placeholder: 'FILE', summary: 'requests from a file, and no REQUEST' },
    anyText('the name of a file with requests'),
    (mix) => ({ mix }),
  ),
  flag({ names: ['--json'], summary: 'the report as one line of JSON' }, { json: true }),
  flag({ names: ['--ascii'], summary: 'bars of # in the report' }, { ascii: true }),
];

/** Methods begin with a letter, so whatever begins with a digit or a sign is meant as a count. */
const countWord = positional<RepeatOptions, number>(
  'COUNT',
  /^[-+]?\d/,
  wholeNumber(1, repeatCountMax),
  (count) => ({ count }),
);

/** The options as lines for a person, a name and what it does each. */
export function repeatOptionLines(): string[] {
  const usages = repeatOptions.map(optionUsage);
  const width = Math.max(...usages.map((usage) => usage.length));
  return repeatOptions.map(({ summary }, at) => `${(usages[at] ?? '').padEnd(width)}   ${summary}`);
}

/** Reads what follows `:repeat`. */
export function parseRepeat(rest: string, commandNames: readonly string[]): RepeatLine | Problem {
  const taken = takeOptions(rest, repeatOptions, [countWord]);
  if (taken.kind === 'problem') return taken;
  const { count, durationMs, mix, ...given } = taken.values;
  const extent = extentOf(count, durationMs, taken.rest);
  if (extent.kind === 'problem') return extent;
  const source = sourceOf(mix, taken.rest, commandNames);
  if (source.kind === 'problem') return source;
  const line: RepeatLine = {
    kind: 'repeat',
    extent,
    connections: 1,
    rampMs: 0,
    pipeline: 1,
    warmupMs: 0,
    keepAlive: true,
    threads: 1,
    noKey: false,
    thresholds: [],
    json: false,
    ascii: false,
    ...given,
    source,
  };
  const nonsense = doubtPlan(line);
  return nonsense === undefined ? line : problem(nonsense);
}

/** @param rest what follows the options, which may have been meant as the count */
function extentOf(
  count: number | undefined,
  durationMs: number | undefined,
  rest: string,
): LoadExtent | Problem {
  if (count !== undefined && durationMs !== undefined) {
    return problem('COUNT and --duration are both there; expected one of them');
  }
  if (durationMs !== undefined) return { kind: 'duration', durationMs };
  if (count !== undefined) return { kind: 'count', count };
  if (rest === '') return problem(`neither COUNT nor --duration; expected ${repeatUsage}`);
  // What stands there is quoted, for it may have been meant as the count.
  const word = quoted(/^[^ \t]*/.exec(rest)?.[0] ?? '');
  const missing = `${word} is no count from 1 to ${repeatCountMax}, and there is no --duration`;
  return problem(`${missing}; expected ${repeatUsage}`);
}

function sourceOf(
  mix: string | undefined,
  rest: string,
  commandNames: readonly string[],
): RepeatSource | Problem {
  if (mix !== undefined) {
    if (rest === '') return { kind: 'mix', path: mix };
    return problem(`--mix and a request are both there; leave out ${quoted(rest)}`);
  }
  if (rest === '') return problem(`no request to repeat; expected ${repeatUsage}`);
  if (rest.startsWith(':')) return problem('commands cannot be repeated, only requests');
  const request = parseRequest(rest, commandNames);
  return request.kind === 'problem' ? request : { kind: 'request', request };
}

/** Why a plan whose parts are all right makes no sense as a whole; `undefined` when it does. */
function doubtPlan(line: RepeatLine): string | undefined {
  const { connections, pipeline, threads, keepAlive, extent, rampMs, rate } = line;
  if (threads > connections) {
    return `--threads ${threads} share ${connections} of -c; expected a connection for each thread`;
  }
  if (!keepAlive && pipeline > 1) {
    return `--pipeline ${pipeline} needs kept connections; leave out --no-keepalive`;
  }
  if (connections * pipeline > repeatUnderWayMax) {
    const product = `${connections} connections with ${pipeline} each`;
    return `${product} are more than ${repeatUnderWayMax} requests under way; lower one of them`;
  }
  // The load runs, and grows, in the warm-up already.
  if (extent.kind === 'duration' && rampMs > line.warmupMs + extent.durationMs) {
    const time = line.warmupMs > 0 ? '--warmup and --duration' : '--duration';
    return `--ramp is longer than ${time}; the load would never be reached`;
  }
  return rate === undefined ? undefined : doubtRate(rate, line);
}

/** Why a schedule cannot be kept or has nothing on it. */
function doubtRate(rate: number, { extent, rampMs, warmupMs }: RepeatLine): string | undefined {
  if (extent.kind === 'count') {
    // Over the ramp it is half the rate, so that the run lasts half of the ramp longer.
    const lastsMs = (extent.count / rate) * 1_000 + rampMs / 2;
    if (lastsMs <= repeatDurationMsMax) return undefined;
    const hours = Math.round(repeatDurationMsMax / 3_600_000);
    return `${extent.count} requests at ${rate} per second take longer than ${hours} hours`;
  }
  const dueBy = (ms: number): number => {
    const fullMs = ms < rampMs ? ms ** 2 / (2 * rampMs) : ms - rampMs / 2;
    return (rate * fullMs) / 1_000;
  };
  const due = dueBy(warmupMs + extent.durationMs) - dueBy(warmupMs);
  if (due < 1) return `--rate ${rate} asks for less than one request in the time of --duration`;
  if (due <= repeatCountMax) return undefined;
  return `--rate and --duration make more than ${repeatCountMax} requests; lower one of them`;
}

/** Methods whose requests have content so seldom that an option behind them was meant as one. */
const methodsWithoutContent: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'DELETE']);

/**
 * What to say of a request whose content looks like options that other tools take there. It is sent
 * as it stands all the same: what a line means is frozen.
 */
export function doubtContent({ source }: Pick<RepeatLine, 'source'>): string | undefined {
  if (source.kind !== 'request') return undefined;
  const { method, content } = source.request;
  if (!methodsWithoutContent.has(method) || content.kind !== 'text') return undefined;
  const [word = ''] = content.text.split(' ');
  if (!/^--?[a-z]/.test(word)) return undefined;
  return `note: ${quoted(word)} is sent as content; options stand before ${method}`;
}
