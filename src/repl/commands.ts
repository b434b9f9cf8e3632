/** The REPL's commands, one row each: the parser, `:help` and completion all read this table. */

import { encodeTarget } from '../client/encode-target.ts';
import { parseEndpoint } from '../client/endpoint.ts';
import type { Endpoint } from '../client/exchange.ts';
import type { FieldLine } from '../http/message.ts';
import { quoted, visibleLine } from './display.ts';
import { type Problem, parseHeader, parsePage, problem } from './language.ts';
import type { OptionShape } from './options.ts';
import {
  parseRepeat,
  type RepeatLine,
  repeatOptionLines,
  repeatOptions,
  repeatUsage,
} from './repeat.ts';
import {
  parseVerify,
  type VerifyLine,
  verifyOptionLines,
  verifyOptions,
  verifyUsage,
} from './verify.ts';

/** What became of a line. Closed. */
export type Outcome =
  /** Every exchange completed, or there was none. */
  | 'completed'
  /** An exchange failed, or its status counts as failure. */
  | 'failed'
  /** The line was not understood or could not be sent. */
  | 'refused'
  /** The person asked to leave. */
  | 'quit'
  /** Nobody reads the answers any more. */
  | 'unread';

/** What stands after a command's name, for completion. */
export type CompletionKind = 'nothing' | 'command' | 'server' | 'header' | 'request' | 'page';

/** What commands may do; the session is one. */
export interface CommandContext {
  readonly endpoint: Endpoint;
  readonly standing: readonly FieldLine[];
  readonly historyLines: readonly string[];
  /** Shows lines among the answers. */
  show(lines: readonly string[]): Promise<Outcome>;
  /** Goes over to another server; the connection to the old one is closed. */
  open(endpoint: Endpoint): void;
  /** Sets a standing header in place of those with its name. */
  setStanding(field: FieldLine): void;
  /** Whether there was one. */
  removeStanding(name: string): boolean;
  repeat(line: RepeatLine): Promise<Outcome>;
  verify(line: VerifyLine): Promise<Outcome>;
  /** Takes back the last write to the page at `target`, or to any. */
  undo(target: string | undefined): Promise<Outcome>;
}

/** What a command line will do. */
export type Action = (context: CommandContext) => Promise<Outcome>;

export interface Command {
  /** Without the colon. */
  readonly name: string;
  readonly usage: string;
  /** One line, for the list. */
  readonly summary: string;
  /** More, for `:help NAME`. */
  readonly details: readonly string[];
  readonly completes: CompletionKind;
  /** The options that stand before what {@link completes} says; absent when it has none. */
  readonly options?: readonly OptionShape[];
  /** Reads the arguments; what they ask for is done by the action. */
  readonly prepare: (rest: string) => Action | Problem;
}

/** Lines that `:history` shows without a number: about a screen. */
const historyShown = 20;

const help: Command = {
  name: 'help',
  usage: ':help [COMMAND]',
  summary: 'this, or more about a command',
  details: [],
  completes: 'command',
  prepare(rest) {
    if (rest === '') return (context) => context.show(overview());
    const name = rest.replace(/^:/, '').toLowerCase();
    const command = commands.find((candidate) => candidate.name === name);
    if (command === undefined) return problem(`no command ${quoted(rest)}; :help lists them`);
    return (context) =>
      context.show([command.usage, ...indented([command.summary, ...command.details])]);
  },
};

const history: Command = {
  name: 'history',
  usage: ':history [COUNT]',
  summary: `the last ${historyShown}, or COUNT, lines typed`,
  details: [
    'Up and Down walk through them; Ctrl-R searches them.',
    'A line that begins with a blank is not kept.',
  ],
  completes: 'nothing',
  prepare(rest) {
    if (rest !== '' && !/^[1-9]\d{0,5}$/.test(rest)) {
      return problem(`${quoted(rest)} is no number of lines; expected ${this.usage}`);
    }
    const count = rest === '' ? historyShown : Number(rest);
    return (context) => {
      const lines = context.historyLines;
      const first = Math.max(0, lines.length - count);
      const width = String(lines.length).length;
      return context.show(
        lines
          .slice(first)
          .map(
            (line, index) => `${String(first + index + 1).padStart(width)}  ${visibleLine(line)}`,
          ),
      );
    };
  },
};

const repeat: Command = {
  name: 'repeat',
  usage: repeatUsage,
  summary: 'sends it many times, and measures',
  details: [
    ...repeatOptionLines(),
    'In the target, the headers and a typed content are replaced: {{n}} by the',
    'number of the request, from 1 on, {{uuid}} by a new UUID, {{now}} by the',
    'time. Ctrl-C stops it.',
    'For example: :repeat 1000 -c 50 PUT test.html item {{n}}',
    '             :repeat -d 30s --rate 500 -c 50 --expect 2xx GET /',
  ],
  completes: 'request',
  options: repeatOptions,
  prepare(rest) {
    const line = parseRepeat(rest, commandNames);
    return line.kind === 'problem' ? line : (context) => context.repeat(line);
  },
};

const verify: Command = {
  name: 'verify',
  usage: verifyUsage,
  summary: 'edits it from many sides, and judges',
  details: [
    ...verifyOptionLines(),
    'Each edit brings a text of its own into the page; readers watch; at the end it is judged',
    'whether every acknowledged edit stands once, in an order that agrees with what was seen.',
    'For example: :verify test.html -n 500 -c 64',
    '             :verify test.html --pages 20 -n 10000',
    '             :verify test.html --swap            at any server that takes PUT',
  ],
  completes: 'page',
  options: verifyOptions,
  prepare(rest) {
    const line = parseVerify(rest);
    return line.kind === 'problem' ? line : (context) => context.verify(line);
  },
};

const headers: Command = {
  name: 'headers',
  usage: ':headers [Name: value | -Name]',
  summary: 'headers that go with every request',
  details: [
    'Shows them, sets one, or removes one (-Name).',
    'A header of the same name in a request (-H) takes its place there.',
  ],
  completes: 'header',
  prepare(rest) {
    if (rest === '') {
      return (context) => {
        const lines = context.standing.map(([name, value]) => fieldShown(name, value));
        return context.show(
          lines.length > 0 ? lines : ['(none; set one with :headers Name: value)'],
        );
      };
    }
    if (rest.startsWith('-')) {
      const name = rest.slice(1).replace(/:$/, '');
      return async (context) => {
        if (context.removeStanding(name)) return 'completed';
        return context.show([`(there was no header ${quoted(name)})`]);
      };
    }
    // Quotes are not needed here, but whoever comes from -H will write them.
    const field = parseHeader(rest.replace(/^(['"])(.*)\1$/, '$2'));
    if ('kind' in field) return problem(`${field.message}; :headers -Name removes one`);
    return async (context) => {
      context.setStanding(field);
      return 'completed';
    };
  },
};

const open: Command = {
  name: 'open',
  usage: ':open [URL]',
  summary: 'another server; alone: says which',
  details: ['For example: :open http://127.0.0.1:8081', 'The connection to the old one is closed.'],
  completes: 'server',
  prepare(rest) {
    if (rest === '') return (context) => context.show([serverUrl(context.endpoint)]);
    const endpoint = parseEndpoint(rest);
    if (typeof endpoint === 'string') return problem(visibleLine(endpoint));
    return async (context) => {
      context.open(endpoint);
      return 'completed';
    };
  },
};

const undo: Command = {
  name: 'undo',
  usage: ':undo [PAGE]',
  summary: 'takes back the last write to a page',
  details: [
    'Puts back the page as this session saw it before its last write to it, or to PAGE:',
    'by POST, or by DELETE where there was none. It asks first whether the page is still as',
    'that write left it, and says so in a condition: what others have changed since stays.',
    'Once more takes that back.',
    'For example: GET test.html, then PUT test.html oops, then :undo',
  ],
  completes: 'page',
  prepare(rest) {
    if (rest === '') return (context) => context.undo(undefined);
    const target = parsePage(rest);
    if (typeof target === 'string') return (context) => context.undo(encodeTarget(target));
    return target ?? problem(`${quoted(rest)} is no page; expected ${this.usage}`);
  },
};

const quit: Command = {
  name: 'quit',
  usage: ':quit',
  summary: 'leaves, as Ctrl-D does',
  details: [],
  completes: 'nothing',
  prepare(rest) {
    return rest === '' ? async () => 'quit' : problem(`:quit takes nothing; found ${quoted(rest)}`);
  },
};

/** In the order in which `:help` lists them. */
export const commands: readonly Command[] = [
  help,
  history,
  undo,
  repeat,
  verify,
  headers,
  open,
  quit,
];

export const commandNames: readonly string[] = commands.map((command) => command.name);

export function findCommand(name: string): Command | undefined {
  return commands.find((command) => command.name === name);
}

/** The server's address as it is typed and shown. */
export function serverUrl(endpoint: Endpoint): string {
  return `http://${endpoint.authority}`;
}

/** A field line for the terminal; its Latin-1 characters are the bytes of UTF-8 text. */
function fieldShown(name: string, value: string): string {
  return visibleLine(`${name}: ${Buffer.from(value, 'latin1').toString('utf8')}`);
}

function overview(): string[] {
  const width = Math.max(...commands.map((command) => command.usage.length));
  return [
    'A request: METHOD [options] target[ content]',
    ...indented([
      'GET test.html                  asks for /test.html; any case will do',
      'PUT test.html This is test     all behind the blank is content, as it is',
      'POST new.html @page.html       content from a file; \\@ is an at-sign',
      "GET -H 'Range: bytes=0-9' /    a header; several -H are taken",
      'PUT --retry 3 test.html x      sent again if its answer is lost',
      'PUT --no-key test.html x       without the Idempotency-Key of writes',
    ]),
    'A command:',
    ...indented(commands.map((command) => `${command.usage.padEnd(width)}   ${command.summary}`)),
    'Keys: Tab completes, Up recalls, Ctrl-R searches, Ctrl-C stops, Ctrl-D ends.',
  ];
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
