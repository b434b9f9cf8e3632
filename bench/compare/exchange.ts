/**
 * Sends bytes and says in a few characters what came back: the cell of the table. It shares no code
 * with Inkwire, and takes no answer for granted.
 *
 *   200            one answer; the connection stays open
 *   400 close      one answer; then the server closes
 *   100, 200       an interim answer, then the final one
 *   200 ×2         two answers
 *   no head        bytes that begin with no status line
 *   200 + bytes    an answer, then bytes that are none
 *   200 cut        less content than was announced
 *   closed         closed without an answer
 *   hangs          nothing within a second
 */

import type { CompareRow } from './row.ts';

/** Without an answer for so long: it hangs. */
const HANG_MS = 1_000;
/** After an answer: whether another one, or the end, follows. */
const QUIET_MS = 300;

interface Received {
  /** Latin-1. */
  readonly text: string;
  readonly ended: boolean;
}

/** What the server at `port` answers to the row's bytes. */
export async function cellOf(port: number, row: CompareRow): Promise<string> {
  return describe(await receive(port, row.raw), row);
}

async function receive(port: number, raw: string): Promise<Received> {
  let text = '';
  let timer: ReturnType<typeof setTimeout> | undefined;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const wait = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => resolve(false), ms);
  };
  let unsent = Buffer.from(raw, 'latin1');
  const flush = (socket: Bun.Socket): void => {
    const taken = socket.write(unsent);
    if (taken > 0) unsent = unsent.subarray(taken);
  };
  wait(HANG_MS);
  const socket = await Bun.connect({
    hostname: '127.0.0.1',
    port,
    allowHalfOpen: true,
    socket: {
      data: (_socket, bytes) => {
        text += bytes.toString('latin1');
        wait(QUIET_MS);
      },
      drain: flush,
      end: () => resolve(true),
      close: () => resolve(true),
      error: () => resolve(true),
    },
  });
  flush(socket);
  const ended = await promise;
  clearTimeout(timer);
  socket.terminate();
  return { text, ended };
}

function describe({ text, ended }: Received, row: CompareRow): string {
  if (text === '') return ended ? 'closed' : 'hangs';
  const { heads, end } = takeHeads(text, row.raw.startsWith('HEAD '));
  if (heads.length === 0) return ended ? 'no head close' : 'no head';
  const statuses = heads.map((head) => head.slice(9, 12));
  const detail = row.detail?.(text) ?? '';
  const same = statuses.length > 1 && new Set(statuses).size === 1;
  const said = same ? `${statuses[0]} ×${statuses.length}` : statuses.join(', ');
  const rest = end < text.length ? ' + bytes' : end > text.length ? ' cut' : '';
  return `${said}${rest}${detail === '' ? '' : ` (${detail})`}${ended ? ' close' : ''}`;
}

/** The heads of the responses, and where the last one ends; content is passed over. */
function takeHeads(text: string, toHead: boolean): { heads: string[]; end: number } {
  const heads: string[] = [];
  let at = 0;
  while (/^HTTP\/1\.[01] \d{3}/.test(text.slice(at, at + 12))) {
    const end = text.indexOf('\r\n\r\n', at);
    if (end === -1) break;
    const head = text.slice(at, end);
    heads.push(head);
    at = end + 4;
    if (toHead || /^.{9}(1\d\d|204|304)/.test(head)) continue;
    const length = /^content-length: *(\d+)/im.exec(head)?.[1];
    if (length !== undefined) at += Number(length);
    else if (/^transfer-encoding: *chunked/im.test(head)) at = endOfChunks(text, at);
    else at = text.length;
  }
  return { heads, end: at };
}

function endOfChunks(text: string, start: number): number {
  let at = start;
  for (;;) {
    const line = text.indexOf('\r\n', at);
    const size = Number.parseInt(text.slice(at, line), 16);
    if (line === -1 || Number.isNaN(size)) return text.length;
    at = line + 2 + size + 2;
    if (size === 0) return at;
  }
}
