/**
 * Reads one line from a terminal: feeds keys to the editor's state and draws what comes of them.
 */

import { type Completion, commonStart } from '../completion.ts';
import { cellsOf } from '../display.ts';
import { Screen } from './screen.ts';
import { type EditorState, emptyState, type Step, step } from './state.ts';
import type { Terminal } from './terminal.ts';

export interface EditorSources {
  /** The lines typed before, oldest first. */
  history(): readonly string[];
  complete(line: string, cursor: number): Completion;
  paint(prompt: string): string;
}

/** Candidates that are listed; more would scroll the line away. */
const candidatesShownMax = 100;

export class Editor {
  readonly #terminal: Terminal;
  readonly #sources: EditorSources;
  readonly #screen = new Screen();
  /** What was cut last stays for the next line. */
  #killed = '';

  constructor(terminal: Terminal, sources: EditorSources) {
    this.#terminal = terminal;
    this.#sources = sources;
  }

  /** The next line; `undefined` when the person leaves, or the terminal is gone. */
  async readLine(prompt: string): Promise<string | undefined> {
    const history = this.#sources.history();
    let state = emptyState(history.length, this.#killed);
    this.#screen.forget();
    this.#draw(prompt, state);
    for (;;) {
      const event = await this.#terminal.next();
      if (event.kind === 'hang-up') {
        this.#terminal.write(this.#screen.leave());
        return undefined;
      }
      const next: Step =
        event.kind === 'resize' ? { state, effect: 'none' } : step(state, event, history);
      state = next.state;
      this.#killed = state.killed;
      switch (next.effect) {
        case 'submit':
          this.#finish(prompt, state, '');
          return state.text;
        case 'end':
          this.#finish(prompt, state, '');
          return undefined;
        case 'interrupt':
          this.#finish(prompt, state, '^C');
          state = emptyState(history.length, this.#killed);
          break;
        case 'complete':
          state = this.#complete(prompt, state);
          break;
        case 'clear-screen':
          this.#terminal.write('\x1b[H\x1b[2J');
          this.#screen.forget();
          break;
        case 'suspend':
          this.#finish(prompt, state, '');
          this.#terminal.suspend();
          break;
        case 'bell':
          this.#terminal.ring();
          break;
        case 'none':
          break;
      }
      // A paste is drawn once, when all of it is there.
      if (!this.#terminal.hasMore) this.#draw(prompt, state);
    }
  }

  #draw(prompt: string, state: EditorState): void {
    const { search } = state;
    const label =
      search === undefined ? prompt : `(${search.failed ? 'failed ' : ''}search) ${search.query}: `;
    const paint = search === undefined ? this.#sources.paint : (text: string) => text;
    const picture = { prompt: label, text: state.text, cursor: state.cursor };
    this.#terminal.write(this.#screen.draw(picture, this.#terminal, paint));
  }

  /** Draws the whole line a last time, with the cursor behind it, and goes below it. */
  #finish(prompt: string, state: EditorState, mark: string): void {
    const text = `${state.text}${mark}`;
    const picture = { prompt, text, cursor: text.length };
    this.#terminal.write(
      this.#screen.draw(picture, this.#terminal, this.#sources.paint) + this.#screen.leave(),
    );
  }

  #complete(prompt: string, state: EditorState): EditorState {
    const { start, candidates } = this.#sources.complete(state.text, state.cursor);
    const word = state.text.slice(start, state.cursor);
    const only = candidates.length === 1;
    const common = commonStart(candidates);
    if (common.length > word.length || (only && common !== '')) {
      const end = only ? `${common} ` : common;
      const rest = state.text.slice(state.cursor);
      const text = state.text.slice(0, start) + end + (only ? rest.replace(/^ /, '') : rest);
      return { ...state, text, cursor: start + end.length };
    }
    this.#terminal.ring();
    if (candidates.length > 1) {
      this.#finish(prompt, state, '');
      this.#terminal.write(listed(candidates, this.#terminal.columns));
    }
    return state;
  }
}

/** The candidates in as many columns as the terminal has room for, read down each one. */
export function listed(candidates: readonly string[], columns: number): string {
  const shown = candidates.slice(0, candidatesShownMax);
  const cells = shown.map((text) => cellsOf(text));
  const texts = cells.map((row) => row.map((cell) => cell.shown).join(''));
  const widths = cells.map((row) => row.reduce((sum, cell) => sum + cell.width, 0));
  const widest = Math.max(0, ...widths) + 2;
  const across = Math.max(1, Math.floor(columns / widest));
  const down = Math.ceil(texts.length / across);
  let text = '';
  for (let row = 0; row < down; row += 1) {
    for (let index = row; index < texts.length; index += down) {
      const last = index + down >= texts.length;
      const gap = last ? '' : ' '.repeat(widest - (widths[index] ?? 0));
      text += `${texts[index] ?? ''}${gap}`;
    }
    text += '\r\n';
  }
  const left = candidates.length - shown.length;
  return left > 0 ? `${text}(${left} more)\r\n` : text;
}
