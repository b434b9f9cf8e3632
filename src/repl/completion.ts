/** Tab completion: methods, commands, header names, and the names that were seen. Pure. */

import type { CompletionKind } from './commands.ts';
import { methodsOffered, requestOptionNames } from './language.ts';
import type { OptionShape } from './options.ts';

/** What there is to know of a command. */
export interface CommandShape {
  readonly name: string;
  readonly completes: CompletionKind;
  readonly options?: readonly OptionShape[];
}

/** What there is to complete from. */
export interface Vocabulary {
  readonly commands: readonly CommandShape[];
  /** Paths with a leading slash, the ones seen last first. */
  readonly names: readonly string[];
  /** Addresses that were open, as `http://host:port`. */
  readonly servers: readonly string[];
  /** Names of the standing headers. */
  readonly standing: readonly string[];
}

export interface Completion {
  /** Where the word that is completed begins, a UTF-16 index. */
  readonly start: number;
  /** What it may become, sorted, each once. */
  readonly candidates: readonly string[];
}

/** The request fields that people set by hand. */
const headerNames: readonly string[] = [
  'Accept',
  'Accept-Encoding',
  'Authorization',
  'Cache-Control',
  'Connection',
  'Content-Type',
  'Host',
  'Idempotency-Key',
  'If-Match',
  'If-Modified-Since',
  'If-None-Match',
  'If-Range',
  'If-Unmodified-Since',
  'Origin',
  'Prefer',
  'Range',
];

const none: Completion = { start: 0, candidates: [] };

/** What the word before `cursor` may become. */
export function complete(line: string, cursor: number, vocabulary: Vocabulary): Completion {
  const text = line.slice(0, cursor);
  const lead = text.length - text.replace(/^[ \t]+/, '').length;
  const words = new WordReader(text, lead);
  const first = words.next();
  if (first.last) {
    const commands = vocabulary.commands.map((command) => `:${command.name}`);
    return matching(first, first.text.startsWith(':') ? commands : methodsOffered, true);
  }
  if (!first.text.startsWith(':')) return completeRequest(words, vocabulary);
  const name = first.text.slice(1).toLowerCase();
  const command = vocabulary.commands.find((candidate) => candidate.name === name);
  if (command === undefined) return none;
  return completeArguments(command, words, vocabulary);
}

function completeArguments(
  { completes, options = [] }: CommandShape,
  words: WordReader,
  vocabulary: Vocabulary,
): Completion {
  const word = takePastOptions(words, options);
  if (word === undefined) return none;
  if (word.last && word.text.startsWith('-') && options.length > 0) {
    return matchingOptions(word, options);
  }
  if (completes === 'request') {
    return word.last ? matching(word, methodsOffered, true) : completeRequest(words, vocabulary);
  }
  if (completes === 'page' && !word.last) {
    const behind = takePastOptions(words, options);
    return behind?.last === true ? matchingOptions(behind, options) : none;
  }
  if (!word.last) return none;
  switch (completes) {
    case 'command':
      return matching(
        word,
        vocabulary.commands.map((command) => command.name),
      );
    case 'server':
      return matching(word, vocabulary.servers);
    case 'header': {
      const removals = vocabulary.standing.map((name) => `-${name}`);
      return matching(word, word.text.startsWith('-') ? removals : fieldStarts());
    }
    case 'page':
      return matchingNames(word, vocabulary);
    case 'nothing':
      return none;
  }
}

function matchingOptions(word: Word, options: readonly OptionShape[]): Completion {
  return matching(
    word,
    options.flatMap(({ names }) => names),
  );
}

/**
 * The first word that is no option, no option's value and no number, or the last word; `undefined`
 * when the last word is a value, of which nothing is known.
 */
function takePastOptions(words: WordReader, options: readonly OptionShape[]): Word | undefined {
  let word = words.next();
  // Without options a hyphen means something else, as in `:headers -Name`.
  while (options.length > 0 && /^[-+\d]/.test(word.text)) {
    if (word.last) return word.text.startsWith('-') ? word : undefined;
    const row = options.find(({ names }) => names.includes(word.text));
    // A value that is glued on, as in `-c5` and `--rate=5`, is in the word itself.
    if (row?.placeholder !== undefined && words.nextQuoted().last) return undefined;
    word = words.next();
  }
  return word;
}

/** What follows a method: options, then the target; content is never completed. */
function completeRequest(words: WordReader, vocabulary: Vocabulary): Completion {
  let word = words.next();
  while (word.text.startsWith('-')) {
    if (word.last) return matching(word, requestOptionNames);
    if (word.text === '-H' || word.text === '--header') {
      const value = words.nextQuoted();
      if (value.last) return completeHeader(value);
    } else if (word.text === '--retry' && words.next().last) {
      return none;
    }
    word = words.next();
  }
  if (!word.last) return none;
  // A name is offered in the form in which it was begun: with the leading slash or without.
  return matchingNames(word, vocabulary);
}

/** Names that were seen, with their slash or without, as the word has it. */
function matchingNames(word: Word, { names }: Vocabulary): Completion {
  if (word.text.startsWith('/')) return matching(word, names);
  return matching(
    word,
    names.map((name) => name.slice(1)).filter((name) => name !== ''),
  );
}

/** The field name after `-H`, behind its quote. */
function completeHeader(value: Word): Completion {
  const quote = /^['"]/.exec(value.text)?.[0] ?? '';
  const name = {
    ...value,
    start: value.start + quote.length,
    text: value.text.slice(quote.length),
  };
  return matching(name, fieldStarts());
}

function fieldStarts(): string[] {
  return headerNames.map((name) => `${name}:`);
}

interface Word {
  readonly start: number;
  readonly text: string;
  /** Whether the text ends in it, so that it is the word to complete. */
  readonly last: boolean;
}

/** Takes a line apart at its blanks; past its end every word is empty and the last. */
class WordReader {
  #at: number;

  constructor(
    readonly text: string,
    start: number,
  ) {
    this.#at = start;
  }

  next(): Word {
    const end = this.text.slice(this.#at).search(/[ \t]/);
    return this.#take(end < 0 ? this.text.length : this.#at + end);
  }

  /** A word that may be quoted, as after `-H`; an open quote reaches to the end. */
  nextQuoted(): Word {
    const quote = this.text.charAt(this.#at);
    if (quote !== '"' && quote !== "'") return this.next();
    const closing = this.text.indexOf(quote, this.#at + 1);
    return this.#take(closing < 0 ? this.text.length : closing + 1);
  }

  #take(end: number): Word {
    const start = this.#at;
    const word = { start, text: this.text.slice(start, end), last: end >= this.text.length };
    const gap = /^[ \t]*/.exec(this.text.slice(end))?.[0].length ?? 0;
    this.#at = end + gap;
    return word;
  }
}

/**
 * @param anyCase whether `ge` is the begin of `GET`; names of files are taken as they are written
 */
function matching(word: Word, candidates: readonly string[], anyCase = false): Completion {
  const fold = (text: string) => (anyCase ? text.toLowerCase() : text);
  const found = candidates.filter((candidate) => fold(candidate).startsWith(fold(word.text)));
  return { start: word.start, candidates: [...new Set(found)].sort() };
}

/** The longest text that all `candidates` begin with; empty without any. */
export function commonStart(candidates: readonly string[]): string {
  let common = candidates[0] ?? '';
  for (const candidate of candidates) {
    while (!candidate.startsWith(common)) common = common.slice(0, -1);
  }
  // Half of a surrogate pair is no character.
  return /[\ud800-\udbff]$/.test(common) ? common.slice(0, -1) : common;
}
