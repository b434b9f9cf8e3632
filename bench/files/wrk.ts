/** wrk as a driver: the script that makes its requests, and what is read from its report. */

import { writeFileSync } from 'node:fs';
import { type Driver, type Load, outputOf, type Run, type Sample } from './load.ts';

/** So long for one answer: a gigabyte over one of sixteen connections takes several seconds. */
const timeoutSeconds = 60;

const bytesOfUnit: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1024,
  MB: 1024 ** 2,
  GB: 1024 ** 3,
  TB: 1024 ** 4,
};

const msOfUnit: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1_000, m: 60_000 };

/**
 * The requests of a load as a program for wrk. What does not change is put together before the run,
 * one and the same request by wrk itself; only heads that differ are made one by one.
 */
export function wrkScript(load: Load, port: number): string {
  const lines = [['Host', `127.0.0.1:${port}`], ...load.fields]
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
  const heads = load.paths.map((path) => `GET ${path} HTTP/1.1\r\n${lines}\r\n`);
  const [head = ''] = heads;
  if (head.includes('{{n}}')) {
    const [before = '', after = ''] = head.split('{{n}}').map(quoted);
    return script(
      'local n = 0',
      `local before, after = ${before}, ${after}`,
      'function request()',
      '  n = n + 1',
      '  return before .. n .. after',
      'end',
    );
  }
  if (heads.length === 1 && load.pipeline === 1) {
    return script(
      ...load.fields.map(([name, value]) => `wrk.headers[${quoted(name)}] = ${quoted(value)}`),
    );
  }
  return script(
    'local requests = {',
    ...heads.map((one) => `  ${quoted(one.repeat(load.pipeline))},`),
    '}',
    'local at = 0',
    'function request()',
    '  at = at % #requests + 1',
    '  return requests[at]',
    'end',
  );
}

function script(...lines: string[]): string {
  return `${lines.join('\n')}\n`;
}

/** A string of Lua. */
function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&').replace(/\r/g, '\\r').replace(/\n/g, '\\n')}"`;
}

/**
 * What wrk's report says. Where no request ended the rate is 0, and there are no latencies.
 *
 * @throws Error when it tells of errors, or is no report
 */
export function readWrkReport(text: string): Sample {
  if (/Non-2xx or 3xx|Socket errors/.test(text)) throw new Error(`wrk said: ${text}`);
  const rate = /^Requests\/sec:\s+([0-9.]+)$/m.exec(text)?.[1];
  const [, , seconds, unit = '', read, readUnit = ''] =
    /^\s*([0-9]+) requests in ([0-9.]+)(us|ms|s|m), ([0-9.]+)([KMGT]?B) read$/m.exec(text) ?? [];
  const elapsedMs = Number(seconds) * (msOfUnit[unit] ?? Number.NaN);
  const bytes = Number(read) * (bytesOfUnit[readUnit] ?? Number.NaN);
  if (rate === undefined || !(elapsedMs > 0) || Number.isNaN(bytes)) {
    throw new Error(`no report of wrk: ${text}`);
  }
  return {
    perSecond: Number(rate),
    bytesPerSecond: (bytes / elapsedMs) * 1_000,
    p50Ms: latencyMs(text, 50),
    p99Ms: latencyMs(text, 99),
  };
}

function latencyMs(text: string, percentile: number): number {
  const [, value, unit = ''] =
    new RegExp(`^\\s*${percentile}%\\s+([0-9.]+)(us|ms|s|m)$`, 'm').exec(text) ?? [];
  return Number(value) * (msOfUnit[unit] ?? Number.NaN);
}

/**
 * @param program wrk
 * @param scriptPath a file for the requests, written before each run
 */
export function wrkDriver(program: string, scriptPath: string): Driver {
  return {
    name: 'wrk',
    async measure({ port, load, seconds, signal }: Run): Promise<Sample> {
      writeFileSync(scriptPath, wrkScript(load, port));
      const whole = Math.max(1, Math.round(seconds));
      const flags = ['-t1', `-c${load.connections}`, `-d${whole}s`, '--latency'];
      const more = ['--timeout', `${timeoutSeconds}s`, '-s', scriptPath];
      const url = `http://127.0.0.1:${port}${load.paths[0]}`;
      return readWrkReport(await outputOf([program, ...flags, ...more, url], signal));
    },
  };
}
