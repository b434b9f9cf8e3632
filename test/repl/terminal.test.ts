/** The prompt in a real terminal: keys are pressed, and the screen is read. */

import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer, type TestServer } from './support/server.ts';
import { missingTmux, Pane } from './support/tmux.ts';

const main = join(import.meta.dir, 'support', 'main.ts');
const missing = missingTmux();
if (missing !== undefined) console.log(`the prompt is not tested: ${missing}`);

let server: TestServer;
let state = '';

beforeEach(() => {
  server = startServer();
  state = mkdtempSync(join(tmpdir(), 'inkwire-terminal-'));
});

afterEach(() => {
  server[Symbol.dispose]();
  rmSync(state, { recursive: true });
});

function history(): string[] {
  return readFileSync(join(state, 'inkwire', 'history'), 'utf8')
    .split('\n')
    .slice(0, -1);
}

/** A prompt that is ready, and what it looks like. */
async function open(columns = 80): Promise<{ pane: Pane; prompt: string }> {
  const pane = new Pane([process.execPath, main, 'repl', server.url], columns, {
    XDG_STATE_HOME: state,
    TERM: 'xterm-256color',
  });
  const prompt = `127.0.0.1:${server.port}>`;
  await pane.untilLast(prompt);
  return { pane, prompt };
}

describe.skipIf(missing !== undefined)('the prompt', () => {
  test('shows an answer, recalls lines, and leaves with Ctrl-D', async () => {
    const { pane, prompt } = await open();
    using _ = pane;
    pane.type('get a.html');
    pane.press('Enter');
    const lines = await pane.until('the answer', (seen) => seen.includes('GET /a.html'));
    expect(lines.slice(1)).toEqual([
      `${prompt} get a.html`,
      'HTTP/1.1 200 OK',
      'Content-Length: 12',
      '',
      'GET /a.html',
      prompt,
    ]);
    pane.type('PUT b x');
    pane.press('Enter');
    await pane.until('the second answer', (seen) => seen.includes('PUT /b x'));
    pane.type('dr');
    pane.press('Up', 'Up');
    await pane.untilLast(`${prompt} get a.html`);
    pane.press('Down');
    await pane.untilLast(`${prompt} PUT b x`);
    pane.press('Down');
    await pane.untilLast(`${prompt} dr`);
    pane.press('C-u', 'C-d');
    await pane.untilLast('[status 0]');
    expect(history()).toEqual(['get a.html', 'PUT b x']);
  });

  test('history lasts across sessions, and Ctrl-R searches it', async () => {
    const first = await open();
    {
      using _ = first.pane;
      first.pane.type('PUT alpha one');
      first.pane.press('Enter');
      first.pane.type('GET beta');
      first.pane.press('Enter');
      await first.pane.until('the answer', (seen) => seen.includes('GET /beta'));
    }
    const { pane, prompt } = await open();
    using _ = pane;
    pane.press('C-r');
    pane.type('alp');
    await pane.untilLast('(search) alp: PUT alpha one');
    pane.press('Enter');
    await pane.until('the answer', (seen) => seen.includes('PUT /alpha one'));
    pane.press('C-r');
    pane.type('zzz');
    await pane.untilLast('(failed search) zzz:');
    pane.press('C-g');
    await pane.untilLast(prompt);
    pane.press('C-r');
    pane.type('bet');
    pane.press('C-e');
    pane.type('2');
    await pane.untilLast(`${prompt} GET beta2`);
  });

  test('editing in the middle, Ctrl-A E K U W, Tab', async () => {
    const { pane, prompt } = await open();
    using _ = pane;
    pane.type('GET one/two three');
    pane.press('C-w', 'Left', 'Left', 'BSpace', 'C-a');
    pane.type('x');
    pane.press('C-e');
    pane.type('y');
    await pane.untilLast(`${prompt} xGET one/to y`);
    pane.press('C-a', 'Right', 'C-k');
    await pane.untilLast(`${prompt} x`);
    pane.press('C-u', 'C-y');
    await pane.untilLast(`${prompt} x`);
    pane.press('C-u');
    pane.type('GET made');
    pane.press('Enter');
    await pane.until('the answer', (seen) => seen.includes('made') && seen.at(-1) === prompt);
    pane.type('g');
    pane.press('Tab');
    pane.type('cr');
    pane.press('Tab');
    await pane.untilLast(`${prompt} GET created.html`);
    pane.press('C-u');
    pane.type(':h');
    pane.press('Tab');
    await pane.until('the list', (seen) => seen.includes(':headers  :help     :history'));
    await pane.untilLast(`${prompt} :h`);
  });

  test('Ctrl-C stops what runs, with the lines typed behind it, or clears the line', async () => {
    const { pane, prompt } = await open();
    using _ = pane;
    pane.type('half a line');
    pane.press('C-c');
    await pane.until('a new prompt', (seen) => seen.at(-2) === `${prompt} half a line^C`);
    await pane.untilLast(prompt);
    pane.type('PUT hang x');
    pane.press('Enter');
    await pane.until('the request is out', () => server.requests.length === 1);
    pane.type('GET never');
    pane.press('Enter');
    pane.press('C-c');
    await pane.until('the word', (seen) =>
      seen.includes('stopped: outcome unknown, not repeated (PUT /hang)'),
    );
    await pane.untilLast(prompt);
    pane.type(':repeat 100 -c 2 GET hang');
    pane.press('Enter');
    await pane.until('the bar', (seen) => (seen.at(-1) ?? '').includes('0/100'));
    pane.press('C-c');
    await pane.until('the report', (seen) => seen.some((line) => line.startsWith('requests')));
    await pane.untilLast(prompt);
    pane.press('C-d');
    await pane.untilLast('[status 0]');
    expect(server.requests.join('')).not.toContain('never');
  });

  test('Korean text takes two columns, on a line that wraps and after a resize', async () => {
    const { pane, prompt } = await open(40);
    using _ = pane;
    pane.press('C-l');
    await pane.until('a clear screen', (seen) => seen.length === 1);
    const text = 'PUT t 한국어 한국어 한국어 한국어 한국어';
    pane.type(text);
    pane.press('Left', 'Left', 'BSpace');
    pane.type('글');
    await pane.until('two rows', (seen) => seen.join('').replaceAll(' ', '').endsWith('글국어'));
    const shown = (lines: readonly string[]) => lines.join('').replaceAll(' ', '');
    const want = `${prompt} ${text.slice(0, -3)}글국어`.replaceAll(' ', '');
    expect(shown(pane.screen())).toBe(want);
    for (const columns of [25, 60]) {
      pane.resize(columns);
      pane.press('Right');
      pane.press('Left');
      await pane.until(`${columns} columns`, (lines) => shown(lines) === want);
    }
    const column = Bun.stringWidth(`${prompt} ${text.slice(0, -3)}글`);
    await pane.until(`one row, the cursor at ${column}`, () => {
      const cursor = pane.cursor();
      return cursor.row === 0 && cursor.column === column && pane.screen().length === 1;
    });
    pane.press('Enter');
    await pane.until('the answer', () => server.requests.length === 1);
    expect(Buffer.from(server.requests[0] ?? '', 'latin1').toString()).toEndWith('한국어 글국어');
  });

  test('each line of a paste runs, in order; the last stays to be entered', async () => {
    const { pane, prompt } = await open();
    using _ = pane;
    pane.paste('PUT a 1\nPUT a\t2\nPUT a 3');
    await pane.untilLast(`${prompt} PUT a 3`);
    pane.press('Enter');
    await pane.until('all', () => server.requests.length === 3);
    expect(server.requests.map((request) => request.at(-1))).toEqual(['1', '2', '3']);
  });

  test('what a server sends cannot drive the terminal, and a slip is one line', async () => {
    const { pane, prompt } = await open();
    using _ = pane;
    pane.type('GET escape');
    pane.press('Enter');
    await pane.until('the escape, escaped', (seen) => seen.includes('\\x1b]0;title\\x07'));
    pane.type('GTE /');
    pane.press('Enter');
    await pane.until('advice', (seen) => seen.at(-2) === 'unknown method "GTE"; did you mean GET?');
    pane.type(':open http://127.0.0.1:1');
    pane.press('Enter');
    await pane.untilLast('127.0.0.1:1>');
    pane.type('GET /');
    pane.press('Enter');
    await pane.until('no server', (seen) =>
      seen.join('').includes('nothing listens at http://127.0.0.1:1; start it with: bun run serve'),
    );
    pane.type(`:open ${server.url}`);
    pane.press('Enter');
    await pane.untilLast(prompt);
    pane.type(':quit');
    pane.press('Enter');
    await pane.untilLast('[status 0]');
  });

  test('a line that is too long is refused, and nothing of it is sent', async () => {
    const { pane, prompt } = await open();
    using _ = pane;
    pane.type('PUT a ');
    // In pieces, as a terminal may cut a paste: the last one alone would fit.
    for (let piece = 0; piece < 5; piece += 1) pane.paste('x'.repeat(14_000));
    pane.paste('END');
    pane.press('Enter');
    await pane.until('why', (seen) => seen.join('').includes('longer than 65,536 characters'));
    pane.type('GET after');
    pane.press('Enter');
    await pane.untilLast(prompt);
    await pane.until('the next line', () => server.requests.length > 0);
    expect(server.requests.map((text) => text.split(' ', 2).join(' '))).toEqual(['GET /after']);
  });

  test('Ctrl-Z gives the terminal back, though other programs started the prompt', async () => {
    const shell = new Pane(['bash', '--norc', '-i'], 80, { PS1: 'shell> ', XDG_STATE_HOME: state });
    using _ = shell;
    await shell.untilLast('shell>');
    // The outer program stays, as npx and `bun run` do.
    shell.type(`sh -c "'${process.execPath}' '${main}' repl ${server.url}; true"`);
    shell.press('Enter');
    const prompt = `127.0.0.1:${server.port}>`;
    await shell.untilLast(prompt);
    shell.press('C-z');
    await shell.untilLast('shell>');
    shell.type('fg');
    shell.press('Enter');
    await shell.untilLast(prompt);
    shell.type('GET back');
    shell.press('Enter');
    await shell.until('the answer', (seen) => seen.includes('GET /back'));
  });
});
