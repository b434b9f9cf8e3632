/**
 * `inkwire serve` as it is started and stopped: its words, its exit status, and its last request.
 */

import { describe, expect, test } from 'bun:test';
import packageJson from '../../package.json' with { type: 'json' };
import { RawClient, request } from '../support/raw-client.ts';
import { SAMPLE, TestRoot } from '../support/root.ts';
import { until } from '../support/server.ts';
import { Program } from './program.ts';

/** A folder with the sample below `htdocs`, as the project has it. */
function place(): TestRoot {
  return new TestRoot({ 'htdocs/test.html': SAMPLE, 'site/index.html': SAMPLE });
}

/** Listens at the port, unless somebody does. */
function takePort(port: number): Disposable {
  try {
    const listener = Bun.listen({ hostname: '127.0.0.1', port, socket: { data: () => {} } });
    return { [Symbol.dispose]: () => listener.stop(true) };
  } catch {
    return { [Symbol.dispose]: () => {} };
  }
}

async function run(folder: string, ...flags: readonly string[]) {
  await using program = new Program(folder, ...flags);
  return await program.ended();
}

describe('what it says when it serves', () => {
  test.concurrent('where, what, with how many workers, and how to talk to it', async () => {
    using root = place();
    await using program = new Program(root.path, 'serve', '--port', '0', '--workers', '3');
    const port = await program.port();
    expect(program.out).toBe(
      `The server is running at http://127.0.0.1:${port}/ (root htdocs, 3 workers)\n` +
        `Talk to it with: bun run repl http://127.0.0.1:${port}/\n`,
    );
    await using client = await RawClient.open(port);
    expect((await client.ask(request('GET', '/test.html'))).body).toBe(SAMPLE);
    await until('the log', () => program.out.includes('→ 200'));
    const [, , connected, performed] = program.out.split('\n');
    expect(connected).toMatch(/^Connected by 127\.0\.0\.1:[0-9]+$/);
    expect(performed).toMatch(
      /^Perform a GET request: \/test\.html → 200, 286 bytes, [0-9]+\.[0-9] ms, worker [1-3]$/,
    );
    expect(program.err).toBe('');
  });

  test.concurrent('another root, one worker, no log, IPv6', async () => {
    using root = place();
    const flags = ['--port', '0', '--workers', '1', '--log', 'off', '--host', '::1'];
    await using program = new Program(root.path, 'serve', 'site', ...flags);
    const port = await program.port();
    program.signal('SIGTERM');
    const { out, status } = await program.ended();
    expect(out).toBe(
      `The server is running at http://[::1]:${port}/ (root site, 1 worker)\n` +
        `Talk to it with: bun run repl http://[::1]:${port}/\n` +
        'Stopping: what runs is finished first (once more to stop at once)\n',
    );
    expect(status).toBe(0);
  });

  test.concurrent('a reader that leaves does not stop it', async () => {
    using root = place();
    await using program = new Program(root.path, 'serve', '--port', '0', '--workers', '1');
    const port = await program.port();
    await program.closeOutput();
    for (let turn = 0; turn < 5; turn += 1) {
      await using client = await RawClient.open(port);
      expect((await client.ask(request('GET', '/test.html'))).status).toBe(200);
    }
    program.signal('SIGTERM');
    expect((await program.ended()).status).toBe(0);
  });
});

test.concurrent('a root that it may not write is served, and it says so behind that', async () => {
  using root = place();
  // No user may make a folder of this name, not root either.
  root.write('htdocs/.inkwire', 'a file');
  const flags = ['--port', '0', '--workers', '1', '--log', 'off'];
  await using program = new Program(root.path, 'serve', ...flags);
  const port = await program.port();
  await until('the warning', () => program.out.split('\n').length > 3);
  const lines = program.out.split('\n');
  expect(lines[0]).toStartWith(`The server is running at http://127.0.0.1:${port}/ `);
  expect(lines[1]).toStartWith('Talk to it with: ');
  expect(lines[2]).toBe(
    'Note: no edit is taken until the server is started anew, for .inkwire cannot be written ' +
      'in the root (ENOTDIR); expected a root folder that the server may write to',
  );
  await using client = await RawClient.open(port);
  expect((await client.ask(request('GET', '/test.html'))).body).toBe(SAMPLE);
  const edit = request('PUT', '/test.html', { content: 'x' });
  expect((await client.ask(edit)).status).toBe(500);
  expect(root.read('htdocs/test.html')).toBe(SAMPLE);
});

describe('what it does not start with', () => {
  const rows: readonly [name: string, flags: readonly string[], want: string][] = [
    ['no workers', ['--workers', '0'], '--workers takes a whole number from 1 to 256'],
    ['a port that is none', ['--port', 'http'], '--port takes a whole number from 0 to 65535'],
    ['another semantics', ['--semantics', 'x'], '--semantics takes classic or standard'],
    [
      'a time without its unit',
      ['--idle-timeout', '60'],
      '--idle-timeout takes a duration from 100ms to 24h, such as 10s or 500ms',
    ],
    ['a flag without its value', ['--port'], "option '--port <number>' argument missing"],
    ['a mistyped flag', ['--wrokers', '2'], "unknown option '--wrokers'; did you mean --workers?"],
    [
      'two roots',
      ['site', 'htdocs'],
      "too many arguments for 'serve'. Expected 1 argument but got 2: site, htdocs.",
    ],
    [
      'a root that is missing',
      ['nowhere'],
      'there is no folder nowhere to serve; expected the path of a folder',
    ],
    [
      'a root that is a file',
      ['htdocs/test.html'],
      'htdocs/test.html is not a folder; expected the path of a folder',
    ],
    [
      'an address of another machine',
      ['site', '--host', '192.0.2.1', '--port', '0'],
      'cannot listen at 192.0.2.1:0 (EADDRNOTAVAIL); ' +
        'expected an address of this machine, and a port that you may use',
    ],
    [
      '--fresh with another root',
      ['site', '--fresh'],
      '--fresh puts the samples into htdocs only; it was given with root site',
    ],
  ];
  for (const [name, flags, want] of rows) {
    test.concurrent(name, async () => {
      using root = place();
      expect(await run(root.path, 'serve', ...flags)).toEqual({
        status: 2,
        out: '',
        err: `error: ${want}\n`,
      });
      expect(root.read('site/test.html')).toBeUndefined();
    });
  }

  test.concurrent('no samples: it says how to get them', async () => {
    using root = new TestRoot();
    const { status, err } = await run(root.path, 'serve', '--port', '0');
    expect([status, err]).toEqual([
      2,
      'error: there is no folder htdocs to serve; --fresh makes it, with the samples in it\n',
    ]);
  });

  test.concurrent('a port that another Inkwire has', async () => {
    using root = place();
    await using first = new Program(root.path, 'serve', 'htdocs', '--port', '0', '--workers', '1');
    const port = await first.port();
    const { status, out, err } = await run(root.path, 'serve', 'site', '--port', String(port));
    expect([status, out]).toEqual([2, '']);
    expect(err).toMatch(
      new RegExp(
        `^error: [^\\n]*${port}[^\\n]* by another Inkwire; ` +
          `try --port ${port + 1}, or --port 0 for any free one\\n$`,
      ),
    );
  });

  test.concurrent('the last port there is, taken: none behind it is advised', async () => {
    using root = place();
    // Another program may have it; then it is taken all the same.
    using _taken = takePort(65_535);
    const { status, err } = await run(root.path, 'serve', 'site', '--port', '65535');
    expect(status).toBe(2);
    expect(err).toMatch(/^error: [^\n]*65535[^\n]* is taken; try --port 0 for any free one\n$/);
  });

  test.concurrent('a port that something else has, which says nothing', async () => {
    using root = place();
    const listener = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data: () => {} } });
    try {
      const { port } = listener;
      const { status, out, err } = await run(root.path, 'serve', '--port', String(port));
      expect([status, out]).toEqual([2, '']);
      expect(err).toMatch(
        new RegExp(`^error: [^\\n]*${port}[^\\n]*; try --port ${port + 1}, or [^\\n]*\\n$`),
      );
      expect(err).not.toContain('Inkwire');
    } finally {
      listener.stop(true);
    }
  });
});

describe('--fresh', () => {
  test.concurrent('puts the samples back, and leaves other pages', async () => {
    using root = new TestRoot({ 'htdocs/test.html': 'edited', 'htdocs/mine.html': 'mine' });
    await using program = new Program(root.path, 'serve', '--fresh', '--port', '0');
    await program.port();
    expect([root.read('htdocs/test.html'), root.read('htdocs/mine.html')]).toEqual([
      SAMPLE,
      'mine',
    ]);
  });

  test.concurrent('makes the folder where there is none', async () => {
    using root = new TestRoot();
    await using program = new Program(root.path, 'serve', '--fresh', '--port', '0');
    await program.port();
    expect(root.read('htdocs/test.html')).toBe(SAMPLE);
  });
});

describe('a signal', () => {
  const content = 'This is test';

  /** A server, and a client whose PUT it has begun to read. */
  async function withHalfARequest(root: TestRoot) {
    const program = new Program(root.path, 'serve', '--port', '0', '--workers', '1');
    const client = await RawClient.open(await program.port());
    const fields = ['Content-Type: text/plain', 'Expect: 100-continue'];
    client.send(request('PUT', '/test.html', { fields, content }).slice(0, -content.length));
    await until('the word to go on', () => client.received.includes('100 Continue'));
    return { program, client };
  }

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test.concurrent(`${signal}: what runs is finished and answered, then it exits with 0`, async () => {
      using root = place();
      const { program, client } = await withHalfARequest(root);
      await using _program = program;
      await using _client = client;
      program.signal(signal);
      await until('the word of it', () => program.out.includes('Stopping'));
      client.send(content);
      const answer = await client.next('PUT');
      expect([answer.status, answer.fields.get('connection')]).toEqual([200, 'close']);
      expect(await client.end()).toBe('');
      client.shutdown();
      const { status, out, err } = await program.ended();
      expect([status, err]).toEqual([0, '']);
      expect(out).toMatch(/→ 200, 314 bytes, [^\n]*\n$/);
      expect(root.read('htdocs/test.html')).toContain('<h2> This is test </h2>');
    });
  }

  test.concurrent('an idle connection does not hold it', async () => {
    using root = place();
    await using program = new Program(root.path, 'serve', '--port', '0', '--workers', '1');
    await using client = await RawClient.open(await program.port());
    expect((await client.ask(request('GET', '/test.html'))).status).toBe(200);
    program.signal('SIGTERM');
    expect((await program.ended()).status).toBe(0);
    expect(await client.end()).toBe('');
  });

  test.concurrent('a second one ends it at once', async () => {
    using root = place();
    const { program, client } = await withHalfARequest(root);
    await using _program = program;
    await using _client = client;
    program.signal('SIGTERM');
    await until('the word of it', () => program.out.includes('Stopping'));
    program.signal('SIGINT');
    expect((await program.ended()).status).toBe(1);
  });
});

describe('help', () => {
  test.concurrent('serve --help names every flag, and gives examples', async () => {
    using root = place();
    const { status, out, err } = await run(root.path, 'serve', '--help');
    expect([status, err]).toEqual([0, '']);
    expect(out).toContain('Examples:\n  inkwire serve ');
    for (const flag of ['port', 'host', 'workers', 'semantics', 'durability', 'log', 'fresh']) {
      expect(out).toContain(`--${flag}`);
    }
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });

  test.concurrent('inkwire --help names the commands; --version says which it is', async () => {
    using root = place();
    const { status, out } = await run(root.path, '--help');
    expect(status).toBe(0);
    // Each is loaded when it is asked for: here all are.
    const names = [...out.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name);
    expect(names).toEqual(['serve', 'repl', 'history', 'show', 'diff', 'restore', 'help']);
    expect(await run(root.path, '--version')).toEqual({
      status: 0,
      out: `${packageJson.version}\n`,
      err: '',
    });
  });

  test.concurrent('a mistyped command', async () => {
    using root = place();
    const { status, err } = await run(root.path, 'sevre');
    expect([status, err]).toEqual([2, "error: unknown command 'sevre'; did you mean serve?\n"]);
    const other = await run(root.path, 'histroy');
    expect(other.err).toBe("error: unknown command 'histroy'; did you mean history?\n");
  });
});
