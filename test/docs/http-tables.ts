/**
 * The tables of docs/HTTP.md that the code holds already: protocol errors, refusals and limits.
 * `bun test/docs/http-tables.ts --write` puts them between the document's markers.
 */

import { errorCodes, errorRow, errorSentence, errorStatus } from '../../src/app/refusal.ts';
import {
  defaultServerLimits,
  ECHO_BYTES_MAX,
  HASH_BYTES_MAX,
  INSERT_PAGE_BYTES_MAX,
} from '../../src/config/limits.ts';
import { defaultHeadLimits } from '../../src/http/limits.ts';
import { ProtocolError, protocolErrorCodes } from '../../src/http/protocol-error.ts';
import { writeMarkedParts } from './marked.ts';

/** What only a client can meet, in an answer. */
export const answerCodes: readonly string[] = ['bad-status-line', 'unexpected-bytes'];

/** How each part of the document looks now, by the name of its marker. */
export function httpTables(): Record<string, string> {
  return { 'protocol errors': protocolErrors(), refusals: refusals(), limits: limits() };
}

function protocolErrors(): string {
  const rows = protocolErrorCodes
    .filter((code) => !answerCodes.includes(code))
    .map((code) => new ProtocolError(code))
    .map(({ code, status, message }) => [words(code), String(status), message]);
  return table(['in the log', 'status', 'sentence'], rows);
}

function refusals(): string {
  const rows = errorCodes.map((code) => {
    const standard = errorStatus(code, 'GET', 'standard');
    const retry = errorRow(code).retry === true ? ', `Retry-After`' : '';
    const folded = (['GET', 'HEAD'] as const)
      .map((method) => [method, errorStatus(code, method, 'classic')] as const)
      .filter(([, status]) => status !== standard);
    const [first] = folded;
    // Where GET is answered otherwise too, it holds for every method.
    const classic = folded.length === 2 ? `${first?.[1]}` : folded.flat().join(' ');
    return [words(code), `${standard}${retry}`, classic, errorSentence(code, '…')];
  });
  return table(['in the log', 'status', 'classic, where it differs', 'sentence'], rows);
}

function limits(): string {
  const head = defaultHeadLimits;
  const server = defaultServerLimits;
  return table(
    ['what', 'limit', 'past it'],
    [
      ['request target', bytes(head.targetBytesMax), '414'],
      ['method', bytes(head.methodBytesMax), '501'],
      ['header section; trailers the same', bytes(head.sectionBytesMax), '431'],
      ['one header line', bytes(head.fieldBytesMax), '431'],
      ['header lines', String(head.fieldsMax), '431'],
      ['chunk extensions of one content', bytes(head.chunkExtensionBytesMax), '400'],
      ['content of a write', bytes(server.contentBytesMax), '413'],
      ['content that POST sends back', bytes(ECHO_BYTES_MAX), 'the answer has no content'],
      ['page that takes an insert', bytes(INSERT_PAGE_BYTES_MAX), '409, classic 400'],
      [
        'page whose content is hashed for its `ETag`',
        bytes(HASH_BYTES_MAX),
        'the tag is of the file',
      ],
      [
        'content of a request that takes none',
        bytes(server.discardBytesMax),
        'the answer, then the connection is closed',
      ],
      ['time for a head, from its first byte', seconds(server.headerTimeoutMs), '408'],
      [
        'mean rate of content',
        `at least ${server.contentRateMin} bytes a second, after ${seconds(server.contentRateGraceMs)}`,
        '408',
      ],
      ['time between two requests', seconds(server.idleTimeoutMs), 'the connection is closed'],
      [
        'time in which a client takes nothing of its answer',
        seconds(server.writeStallTimeoutMs),
        'the connection is reset',
      ],
      [
        'mean rate at which a client takes an answer',
        `at least ${server.writeRateMin} bytes a second, after ${seconds(server.writeRateGraceMs)}`,
        'the connection is reset',
      ],
      [
        'requests read ahead on one connection',
        String(server.pipelinedRequestsMax),
        'reading waits',
      ],
      [
        'connections',
        `${server.connectionsMax.toLocaleString('en-US')}, fewer if the system allows fewer files`,
        '503, `Retry-After`',
      ],
    ],
  );
}

/** A code as the log and the reader see it. */
function words(code: string): string {
  return code.replaceAll('-', ' ');
}

function bytes(count: number): string {
  if (count >= 1024 ** 2) return `${count / 1024 ** 2} MiB`;
  if (count >= 1024 && count % 1024 === 0) return `${count / 1024} KiB`;
  return `${count.toLocaleString('en-US')} bytes`;
}

function seconds(ms: number): string {
  return `${ms / 1_000} s`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

if (import.meta.main) {
  if (process.argv.includes('--write')) writeMarkedParts('docs/HTTP.md', httpTables());
  else process.stdout.write(`${Object.values(httpTables()).join('\n\n')}\n`);
}
