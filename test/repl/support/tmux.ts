/** A real terminal for a test: a program in a tmux pane, keys in, screen out. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How long a test waits for what it expects on the screen, milliseconds. */
const waitMs = 10_000;
const pollMs = 15;

/** Why there is no terminal here; `undefined` when there is one. */
export function missingTmux(): string | undefined {
  return Bun.which('tmux') === null ? 'tmux is not installed' : undefined;
}

export class Pane implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'inkwire-tmux-'));
  readonly #socket = join(this.#folder, 'socket');

  /**
   * Runs `command` in a pane of `columns` by 24; when it ends, its status is shown as `[status N]`.
   */
  constructor(command: readonly string[], columns: number, environment: Record<string, string>) {
    const variables = Object.entries(environment).map(([name, value]) => `${name}=${quote(value)}`);
    const line = `env ${variables.join(' ')} ${command.map(quote).join(' ')}`;
    const shell = `${line}; echo "[status $?]"; exec sleep 60`;
    this.#tmux('-f', '/dev/null', 'new-session', '-d', '-x', `${columns}`, '-y', '24', shell);
  }

  /** Types `text` as it is. */
  type(text: string): void {
    this.#tmux('send-keys', '-l', '--', text);
  }

  /** Presses keys by tmux's names: `Enter`, `C-c`, `Up`. */
  press(...keys: readonly string[]): void {
    this.#tmux('send-keys', ...keys);
  }

  paste(text: string): void {
    this.#tmux('set-buffer', '--', text);
    this.#tmux('paste-buffer', '-p', '-r');
  }

  resize(columns: number): void {
    this.#tmux('resize-window', '-x', `${columns}`, '-y', '24');
  }

  /** The screen's lines without blanks at their ends, and without the empty ones below. */
  screen(): string[] {
    const text = this.#tmux('capture-pane', '-p');
    return text
      .trimEnd()
      .split('\n')
      .map((line) => line.trimEnd());
  }

  cursor(): { readonly column: number; readonly row: number } {
    const text = this.#tmux('display-message', '-p', '#{cursor_x} #{cursor_y}');
    const [column, row] = text.trim().split(' ').map(Number);
    return { column: column ?? -1, row: row ?? -1 };
  }

  /** Waits until `seen` holds of the screen's lines; shows them when it never does. */
  async until(what: string, seen: (lines: readonly string[]) => boolean): Promise<string[]> {
    let lines: string[] = [];
    for (let waited = 0; waited < waitMs; waited += pollMs) {
      lines = this.screen();
      if (seen(lines)) return lines;
      await Bun.sleep(pollMs);
    }
    throw new Error(`never seen: ${what}\n${lines.join('\n')}`);
  }

  /** Waits until the last line is `want`. */
  async untilLast(want: string): Promise<string[]> {
    return this.until(`the last line ${JSON.stringify(want)}`, (lines) => lines.at(-1) === want);
  }

  [Symbol.dispose](): void {
    this.#tmux('kill-server');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #tmux(...args: readonly string[]): string {
    const ran = Bun.spawnSync(['tmux', '-u', '-S', this.#socket, ...args], {
      env: { ...process.env, TMUX: '', LC_ALL: 'C.UTF-8' },
    });
    if (!ran.success) throw new Error(`tmux ${args[0]}: ${ran.stderr.toString()}`);
    return ran.stdout.toString();
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
