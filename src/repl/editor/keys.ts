/** From what a terminal sends to keys: control characters, escape sequences, bracketed paste. */

export type KeyName =
  | 'enter'
  | 'tab'
  | 'backspace'
  | 'delete'
  | 'left'
  | 'right'
  | 'word-left'
  | 'word-right'
  | 'home'
  | 'end'
  | 'up'
  | 'down'
  | 'kill-to-start'
  | 'kill-to-end'
  | 'kill-word-left'
  | 'kill-word-right'
  | 'yank'
  | 'transpose'
  | 'clear-screen'
  | 'search-older'
  | 'search-newer'
  | 'escape'
  | 'interrupt'
  | 'end-of-input'
  | 'suspend';

export type Key =
  /** Printable text, one character or many: a paste comes as one. It holds no line end. */
  { readonly kind: 'text'; readonly text: string } | { readonly kind: KeyName };

const controlKeys: ReadonlyMap<string, KeyName> = new Map([
  ['\x01', 'home'],
  ['\x02', 'left'],
  ['\x03', 'interrupt'],
  ['\x04', 'end-of-input'],
  ['\x05', 'end'],
  ['\x06', 'right'],
  ['\x07', 'escape'],
  ['\x08', 'backspace'],
  ['\t', 'tab'],
  ['\n', 'enter'],
  ['\x0b', 'kill-to-end'],
  ['\x0c', 'clear-screen'],
  ['\r', 'enter'],
  ['\x0e', 'down'],
  ['\x10', 'up'],
  ['\x12', 'search-older'],
  ['\x13', 'search-newer'],
  ['\x14', 'transpose'],
  ['\x15', 'kill-to-start'],
  ['\x17', 'kill-word-left'],
  ['\x19', 'yank'],
  ['\x1a', 'suspend'],
  ['\x7f', 'backspace'],
]);

/** What follows ESC, parameters of the modifier keys included where terminals differ. */
const escapeKeys: ReadonlyMap<string, KeyName> = new Map([
  ['[A', 'up'],
  ['[B', 'down'],
  ['[C', 'right'],
  ['[D', 'left'],
  ['[H', 'home'],
  ['[F', 'end'],
  ['OA', 'up'],
  ['OB', 'down'],
  ['OC', 'right'],
  ['OD', 'left'],
  ['OH', 'home'],
  ['OF', 'end'],
  ['[1~', 'home'],
  ['[7~', 'home'],
  ['[4~', 'end'],
  ['[8~', 'end'],
  ['[3~', 'delete'],
  ['[1;3C', 'word-right'],
  ['[1;5C', 'word-right'],
  ['[1;3D', 'word-left'],
  ['[1;5D', 'word-left'],
  ['[3;3~', 'kill-word-right'],
  ['[3;5~', 'kill-word-right'],
  ['b', 'word-left'],
  ['f', 'word-right'],
  ['d', 'kill-word-right'],
  ['\x7f', 'kill-word-left'],
  ['\x08', 'kill-word-left'],
]);

const pasteStart = '[200~';
const pasteEnd = '\x1b[201~';
/** UTF-16 units of an escape sequence; one without an end is dropped there. */
const sequenceCharsMax = 32;

export class KeyDecoder {
  #pending = '';
  #pasting = false;

  /** Whether the input ended inside of an escape sequence, or with an Escape that may begin one. */
  get undecided(): boolean {
    return this.#pending !== '' && !this.#pasting;
  }

  /** The keys of `text`, which continues what was pushed before. */
  push(text: string): Key[] {
    let rest = this.#pending + text;
    this.#pending = '';
    const keys: Key[] = [];
    while (rest !== '') {
      const taken = this.#pasting ? this.#takePasted(rest, keys) : this.#takeTyped(rest, keys);
      if (taken === 0) {
        this.#pending = rest;
        break;
      }
      rest = rest.slice(taken);
    }
    return keys;
  }

  /**
   * Decides that nothing more comes: a lone Escape is the Escape key, a cut-off sequence is
   * nothing.
   */
  flush(): Key[] {
    const lone = this.#pending === '\x1b';
    if (this.undecided) this.#pending = '';
    return lone ? [{ kind: 'escape' }] : [];
  }

  /** Returns how many units of `rest` were used; 0 when more must come first. */
  #takeTyped(rest: string, keys: Key[]): number {
    const text = /^\P{Cc}+/u.exec(rest)?.[0];
    if (text !== undefined) {
      keys.push({ kind: 'text', text });
      return text.length;
    }
    if (rest.startsWith('\x1b')) return this.#takeEscape(rest, keys);
    const kind = controlKeys.get(rest.charAt(0));
    if (kind !== undefined) keys.push({ kind });
    return 1;
  }

  #takeEscape(rest: string, keys: Key[]): number {
    const after = rest.slice(1, sequenceCharsMax);
    if (after === '' || after === '[' || after === 'O') return 0;
    const sequence = /^(?:\[[0-?]*[ -/]*[@-~]|O[@-~]|[^[O])/u.exec(after)?.[0];
    if (sequence === undefined) {
      // Either cut off, and the rest comes, or no sequence at all.
      const open = /^\[[0-?]*[ -/]*$/.test(after) && rest.length < sequenceCharsMax;
      return open ? 0 : 1;
    }
    // An Escape before another sequence is a key of its own.
    if (sequence === '\x1b') {
      keys.push({ kind: 'escape' });
      return 1;
    }
    if (sequence === pasteStart) this.#pasting = true;
    const kind = escapeKeys.get(sequence);
    if (kind !== undefined) keys.push({ kind });
    return 1 + sequence.length;
  }

  /** Pasted text does nothing but stand there, save that each line end enters the line. */
  #takePasted(rest: string, keys: Key[]): number {
    if (rest.startsWith(pasteEnd)) {
      this.#pasting = false;
      return pasteEnd.length;
    }
    const line = /^(?:\r\n|\r(?!$)|\n)/.exec(rest)?.[0];
    if (line !== undefined) {
      keys.push({ kind: 'enter' });
      return line.length;
    }
    const text = /^(?:\P{Cc}|\t)+/u.exec(rest)?.[0];
    if (text !== undefined) {
      keys.push({ kind: 'text', text });
      return text.length;
    }
    const undecidedEnd = rest === '\r' || pasteEnd.startsWith(rest);
    return undecidedEnd ? 0 : 1;
  }
}
