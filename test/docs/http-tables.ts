/**
 * The tables of docs/HTTP.md that the code holds already: protocol errors, refusals and limits.
 * `bun test/docs/http-tables.ts --write` puts them between the document's markers.
 */

import { errorCodes, errorRow, errorSentence, errorStatus } from '../../src/app/refusal.ts';
import { describedLimits } from '../../src/config/limit-flags.ts';
import { ECHO_BYTES_MAX, HASH_BYTES_MAX } from '../../src/config/limits.ts';
import { ProtocolError, protocolErrorCodes } from '../../src/http/protocol-error.ts';
import { defaultText } from './limit-tables.ts';
import { bytesText, table } from './markdown.ts';
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
  const flagged = Object.values(describedLimits)
    .flat()
    .map((limit) => [limit.what, defaultText(limit), `\`${limit.flag}\``, limit.past]);
  return table(
    ['what', 'limit', 'flag', 'past it'],
    [
      ...flagged,
      ['content that POST sends back', bytesText(ECHO_BYTES_MAX), '', 'the answer has no content'],
      [
        'page whose content is hashed for its `ETag`',
        bytesText(HASH_BYTES_MAX),
        '',
        'the tag is of the file',
      ],
    ],
  );
}

/** A code as the log and the reader see it. */
function words(code: string): string {
  return code.replaceAll('-', ' ');
}

if (import.meta.main) {
  if (process.argv.includes('--write')) writeMarkedParts('docs/HTTP.md', httpTables());
  else process.stdout.write(`${Object.values(httpTables()).join('\n\n')}\n`);
}
