/**
 * The command language: one line in, what it means out. Pure. The grammar is frozen (docs/REPL.md):
 *
 *     line    = blanks ( METHOD 1*blank *( option 1*blank ) target [ blank content ]
 *                      / ":" command [ 1*blank rest ] / "#" comment / nothing )
 *     option  = ( "-H" / "--header" ) 1*blank value      ; quoting only here
 *             / "--retry" ( "=" / 1*blank ) number / "--no-key"
 *     content = the rest of the line, verbatim; "@" file as the whole rest; "\@" a literal at-sign
 */

import { latin1Text, utf8Bytes } from '../base/bytes.ts';
import { repetitionsMax } from '../client/repetition.ts';
import { isFieldValue, isToken } from '../http/byte-classes.ts';
import type { FieldLine } from '../http/message.ts';
import { quoted } from './display.ts';
import { closestWord } from './suggest.ts';

/** Where the content of a request comes from. */
export type ContentSource =
  | { readonly kind: 'none' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'file'; readonly path: string };

export interface RequestLine {
  readonly kind: 'request';
  /** In capitals. */
  readonly method: string;
  /**
   * The fields of `-H`, in order; values are Latin-1 text whose characters are the bytes to send.
   */
  readonly headers: readonly FieldLine[];
  /** How often it may be sent again when its answer is lost; absent: nothing was said of it. */
  readonly retry?: number;
  /** Present when it is to go without an idempotency key. */
  readonly noKey?: true;
  /** In the form that is sent but for percent-encoding, which comes after the placeholders. */
  readonly target: string;
  readonly content: ContentSource;
}

export interface CommandLine {
  readonly kind: 'command';
  /** Without the colon, one of the names that were given to {@link parseLine}. */
  readonly name: string;
  /** What follows the name, without the blanks between and at the end. */
  readonly rest: string;
}

/** What is wrong and what was expected, in one line that is safe to show. */
export interface Problem {
  readonly kind: 'problem';
  readonly message: string;
}

export type ParsedLine = RequestLine | CommandLine | Problem | { readonly kind: 'nothing' };

/** The methods that completion offers and that a typo is compared with, the common ones first. */
export const methodsOffered: readonly string[] = [
  'GET',
  'HEAD',
  'PUT',
  'POST',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
];

/** Methods that are sent without a question: those, and what proxies and WebDAV know. */
const methodsKnown: ReadonlySet<string> = new Set([
  ...methodsOffered,
  ...['CONNECT', 'QUERY', 'LINK', 'UNLINK', 'PURGE', 'SEARCH', 'REPORT'],
  ...['PROPFIND', 'PROPPATCH', 'MKCOL', 'COPY', 'MOVE', 'LOCK', 'UNLOCK'],
]);

/** Words that people type out of habit at a prompt, and what they stand for here. */
const habits: Readonly<Record<string, string>> = { exit: ':quit', bye: ':quit', '?': ':help' };

/**
 * Commands that are younger than the grammar: a method in capitals that resembles one of them was
 * always sent, and still is.
 */
const commandsLater: ReadonlySet<string> = new Set(['undo']);

/** What stands before the next blank, and what follows the blanks after it. */
function takeWord(text: string): { readonly word: string; readonly rest: string } {
  const end = text.search(/[ \t]/);
  if (end < 0) return { word: text, rest: '' };
  return { word: text.slice(0, end), rest: text.slice(end).replace(/^[ \t]+/, '') };
}

/**
 * What `line` means. It never throws.
 *
 * @param commandNames the commands there are, without colons
 */
export function parseLine(line: string, commandNames: readonly string[]): ParsedLine {
  const text = line.replace(/^[ \t]+/, '');
  if (text.trim() === '' || text.startsWith('#')) return { kind: 'nothing' };
  if (text.startsWith(':')) return parseCommand(text.slice(1), commandNames);
  return parseRequest(text, commandNames);
}

function parseCommand(text: string, commandNames: readonly string[]): CommandLine | Problem {
  const { word, rest } = takeWord(text.trimEnd());
  const name = word.toLowerCase();
  if (commandNames.includes(name)) return { kind: 'command', name, rest };
  if (name === '') return problem('a colon alone is no command; :help lists them');
  const near = closestWord(name, commandNames);
  const advice = near === undefined ? ':help lists them' : `did you mean :${near}?`;
  return problem(`unknown command ${quoted(`:${word}`)}; ${advice}`);
}

/** A request, from its method on; also what follows `:repeat` and its options. */
export function parseRequest(text: string, commandNames: readonly string[]): RequestLine | Problem {
  const first = takeWord(text);
  const method = first.word.toUpperCase();
  const doubt = doubtMethod(first.word, commandNames);
  if (doubt !== undefined) return doubt;
  let options: RequestOptions = { headers: [] };
  let rest = first.rest;
  while (rest.startsWith('-')) {
    const option = parseOption(rest, options);
    if (option.kind === 'problem') return option;
    options = option.options;
    rest = option.rest;
  }
  const targetEnd = rest.search(/[ \t]/);
  const typed = targetEnd < 0 ? rest : rest.slice(0, targetEnd);
  if (typed === '') {
    return problem(`${quoted(method)} has no target; expected ${method} target, as in ${method} /`);
  }
  const target = readTarget(method, typed);
  if (typeof target !== 'string') return target;
  // One blank is taken after the target, and everything behind it is content as it stands.
  const content = readContent(targetEnd < 0 ? '' : rest.slice(targetEnd + 1));
  return content.kind === 'problem'
    ? content
    : { kind: 'request', method, ...options, target, content };
}

/** Why `word` is not sent as a method; `undefined` when it is. */
function doubtMethod(word: string, commandNames: readonly string[]): Problem | undefined {
  const method = word.toUpperCase();
  if (methodsKnown.has(method)) return undefined;
  const habit = Object.hasOwn(habits, word.toLowerCase()) ? habits[word.toLowerCase()] : undefined;
  const written = word === method;
  const command = closestWord(
    word,
    written ? commandNames.filter((name) => !commandsLater.has(name)) : commandNames,
  );
  const meant =
    habit ??
    closestWord(word, methodsOffered) ??
    (command === undefined ? undefined : `:${command}`);
  if (meant !== undefined) return problem(`unknown method ${quoted(word)}; did you mean ${meant}?`);
  // A method in capitals that resembles nothing is meant: servers are tested with such.
  if (isToken(word) && written && /^[A-Z]/.test(word)) return undefined;
  return problem(
    `unknown method ${quoted(word)}; expected GET, HEAD, PUT, POST, PATCH, DELETE, OPTIONS, ` +
      'another method in capitals, or a command (:help)',
  );
}

/**
 * The options of a request. Closed: more would take the letters that targets and content may need.
 */
export const requestOptionNames: readonly string[] = ['-H', '--header', '--retry', '--no-key'];

type RequestOptions = Pick<RequestLine, 'headers' | 'retry' | 'noKey'>;

type Option =
  | { readonly kind: 'option'; readonly options: RequestOptions; readonly rest: string }
  | Problem;

/** @param before what the options before it said */
function parseOption(text: string, before: RequestOptions): Option {
  const { word, rest } = takeWord(text);
  const name = word.startsWith('--retry=') ? '--retry' : word;
  switch (name) {
    case '-H':
    case '--header': {
      const value = takeQuoted(rest, '-H', "-H 'Name: value'");
      if (value.kind === 'problem') return value;
      const field = parseHeader(value.text);
      if ('kind' in field) return field;
      const options = { ...before, headers: [...before.headers, field] };
      return { kind: 'option', options, rest: value.rest };
    }
    case '--retry': {
      if (before.retry !== undefined) return problem('--retry is there twice; expected it once');
      const value = takeQuoted(text.slice(name.length).replace(/^(?:=|[ \t]+)/, ''), name, aNumber);
      if (value.kind === 'problem') return value;
      const retry = /^\d{1,9}$/.test(value.text) ? Number(value.text) : repetitionsMax + 1;
      if (retry > repetitionsMax) {
        return problem(`--retry ${quoted(value.text)}: expected ${aNumber}`);
      }
      return { kind: 'option', options: { ...before, retry }, rest: value.rest };
    }
    case '--no-key':
      return { kind: 'option', options: { ...before, noKey: true }, rest };
    default:
      return problem(unknownOption(word));
  }
}

const aNumber = `a whole number from 0 to ${repetitionsMax}`;

function unknownOption(word: string): string {
  const near = closestWord(word, requestOptionNames);
  const advice = near === undefined ? '' : `did you mean ${near}? `;
  return (
    `unknown option ${quoted(word)}; ${advice}expected -H 'Name: value' or a target ` +
    '(one that begins with - is written with /-); --retry N and --no-key may stand there too'
  );
}

type QuotedValue =
  | { readonly kind: 'value'; readonly text: string; readonly rest: string }
  | Problem;

/**
 * A value in single quotes, in double quotes with `\"` and `\\`, or up to the next blank. The rest
 * begins behind the blanks that follow it.
 *
 * @param option whose value it is, and `expected` what it should be, for messages
 */
export function takeQuoted(text: string, option: string, expected: string): QuotedValue {
  const quote = text[0];
  if (quote !== '"' && quote !== "'") {
    const { word, rest } = takeWord(text);
    if (word === '') return problem(`${option} has no value; expected ${expected}`);
    return { kind: 'value', text: word, rest };
  }
  let value = '';
  for (let index = 1; index < text.length; index += 1) {
    const character = text.charAt(index);
    const next = text.charAt(index + 1);
    if (character === quote) {
      if (next !== '' && next !== ' ' && next !== '\t') {
        const where = `the closing ${quote} of ${option}`;
        return problem(`expected a blank after ${where}, found ${quoted(next)}`);
      }
      return { kind: 'value', text: value, rest: text.slice(index + 1).replace(/^[ \t]+/, '') };
    }
    if (quote === '"' && character === '\\' && (next === '"' || next === '\\')) {
      value += next;
      index += 1;
    } else {
      value += character;
    }
  }
  return problem(`the value of ${option} is not closed; expected another ${quote}`);
}

/** Fields that the client computes: another value would break the framing of the connection. */
const framingFields = new Set(['content-length', 'transfer-encoding']);

/**
 * `Name: value` as a field line; text beyond ASCII is sent as UTF-8. Used by `-H` and `:headers`.
 */
export function parseHeader(text: string): FieldLine | Problem {
  const colon = text.indexOf(':');
  if (colon < 0) return problem(`${quoted(text)} is no header field; expected Name: value`);
  const name = text.slice(0, colon);
  if (!isToken(name)) {
    const expected = 'expected letters, digits and hyphens before the colon';
    return problem(`${quoted(name)} is no field name; ${expected}`);
  }
  if (framingFields.has(name.toLowerCase())) {
    return problem(`${name} is set from the content; leave it out`);
  }
  const value = latin1Text(utf8Bytes(text.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '')));
  if (!isFieldValue(value)) {
    return problem(`the value of ${name} holds a control character; expected text on one line`);
  }
  return [name, value];
}

/** The target in the form that is sent, percent-encoding left for later. */
function readTarget(method: string, typed: string): string | Problem {
  if (/\p{Cc}/u.test(typed)) {
    return problem(`the target ${quoted(typed)} holds a control character; write it as %09, say`);
  }
  const fragment = typed.indexOf('#');
  if (fragment >= 0) {
    const part = quoted(typed.slice(fragment));
    return problem(`a fragment is never sent: leave out ${part}, or write %23 for the character #`);
  }
  if (typed.startsWith('/') || /^https?:\/\//i.test(typed)) return typed;
  if (method === 'CONNECT' || (method === 'OPTIONS' && typed === '*')) return typed;
  return `/${typed}`;
}

/** A word that names a page, as a target with its slash; `undefined` for one that names none. */
export function parsePage(text: string): string | Problem | undefined {
  // As a request these would have no target, an option, or content.
  if (text === '' || text.startsWith('-') || /[ \t]/.test(text)) return undefined;
  const target = readTarget('GET', text);
  return typeof target !== 'string' || target.startsWith('/') ? target : undefined;
}

function readContent(rest: string): ContentSource | Problem {
  if (rest === '') return { kind: 'none' };
  if (rest.startsWith('\\@')) return { kind: 'text', text: rest.slice(1) };
  if (!rest.startsWith('@')) return { kind: 'text', text: rest };
  const path = rest.slice(1);
  if (path !== '') return { kind: 'file', path };
  return problem('expected the name of a file after @; for a literal at-sign write \\@');
}

export function problem(message: string): Problem {
  return { kind: 'problem', message };
}
