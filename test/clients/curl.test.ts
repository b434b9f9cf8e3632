/** What people do with curl, against a real server: downloads, uploads, resumption, reuse. */

import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SAMPLE, TestRoot } from '../support/root.ts';
import { startTestServer, type TestServer, until } from '../support/server.ts';
import { counted, run, withoutProxies } from './program.ts';

const LARGE_BYTES = 20_000_000;
/** What must have arrived before the download is cut off. */
const CUT_BYTES = 100_000;
const MIB = 1024 * 1024;

const missing = Bun.which('curl') === null;
if (missing) console.warn('skipped: curl is not installed');

const large = counted(LARGE_BYTES);
const alphabet = 'abcdefghijklmnopqrstuvwxyz';

describe.skipIf(missing)('curl', () => {
  let server: TestServer;
  /** Where curl keeps its own files. */
  const own = new TestRoot({
    'mib.txt': counted(MIB),
    'more.txt': counted(MIB + 1),
    'small.html': '<p>small</p>\n',
  });
  const ownFile = (name: string): string => join(own.path, name);

  beforeAll(async () => {
    server = await startTestServer({
      config: { semantics: 'standard' },
      files: { 'test.html': SAMPLE, 'alphabet.txt': alphabet, 'large.bin': large },
    });
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    own[Symbol.dispose]();
  });

  const at = (path: string): string => new URL(path, server.url).href;

  /** Runs curl, which must end well, and gives what it wrote. */
  async function curl(...given: readonly string[]): Promise<string> {
    const { status, text, errors } = await run(['curl', '-sS', '--max-time', '10', ...given]);
    expect([errors, status]).toEqual(['', 0]);
    return text;
  }

  test('GET and HEAD', async () => {
    expect(await curl(at('test.html'))).toBe(SAMPLE);
    const head = await curl('--head', at('test.html'));
    expect(head).toStartWith('HTTP/1.1 200 OK\r\n');
    expect(head).toContain('\r\nContent-Length: 286\r\n');
    expect(head).toEndWith('\r\n\r\n');
  });

  test.each([
    ['0-3', '206 26 abcd'],
    ['-3', '206 26 xyz'],
    ['24-', '206 26 yz'],
  ])('-r %s', async (range, want) => {
    const [status, , length] = want.split(' ');
    const got = await curl('-i', '-r', range, at('alphabet.txt'));
    const [head = '', content] = got.split('\r\n\r\n');
    expect(head).toStartWith(`HTTP/1.1 ${status} `);
    expect(head).toContain(`/${want.split(' ')[1]}`);
    expect(content).toBe(length);
  });

  test('-r with several ranges, and with none that lies in the page', async () => {
    const several = await curl('-r', '0-1,4-5', at('alphabet.txt'));
    expect(several.match(/Content-Range: .*/g)).toEqual([
      'Content-Range: bytes 0-1/26',
      'Content-Range: bytes 4-5/26',
    ]);
    expect(several).toMatch(/\r\n\r\nab\r\n--[\s\S]*\r\n\r\nef\r\n--/);
    const status = ['-o', ownFile('none'), '-w', '%{http_code}'];
    expect(await curl('-r', '26-', ...status, at('alphabet.txt'))).toBe('416');
  });

  test('-C - goes on with a download that was cut off', async () => {
    const path = ownFile('large.bin');
    const slow = ['curl', '-sS', '--limit-rate', '4M', '-o', path, at('large.bin')];
    const cut = Bun.spawn(slow, { stderr: 'ignore', env: withoutProxies() });
    await until(
      'a part of the file',
      () => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > CUT_BYTES,
      10_000,
    );
    cut.kill('SIGKILL');
    await cut.exited;
    const had = statSync(path).size;
    expect(had).toBeLessThan(LARGE_BYTES);
    const said = await curl(
      '-C',
      '-',
      '-o',
      path,
      '-w',
      '%{http_code} %{size_download}',
      at('large.bin'),
    );
    expect(said).toBe(`206 ${LARGE_BYTES - had}`);
    // Not toBe: a difference would print both.
    expect(readFileSync(path, 'latin1') === large).toBe(true);
  });

  test('Expect: 100-continue with the largest content that is taken', async () => {
    const upload = ['--data-binary', `@${ownFile('mib.txt')}`, '-H', 'Expect: 100-continue'];
    const type = ['-H', 'Content-Type: text/plain', '-H', 'Prefer: return=minimal'];
    const got = await curl('-i', ...upload, ...type, at('uploaded.txt'));
    expect(got.match(/^HTTP.*$/gm)).toEqual(['HTTP/1.1 100 Continue', 'HTTP/1.1 201 Created']);
    expect(server.root.read('uploaded.txt') === counted(MIB)).toBe(true);
  });

  test('Expect: 100-continue with one byte more: refused before a byte of it is sent', async () => {
    const upload = ['--data-binary', `@${ownFile('more.txt')}`, '-H', 'Expect: 100-continue'];
    const said = ['-o', ownFile('none'), '-w', '%{http_code} %{size_upload}'];
    expect(await curl(...upload, ...said, at('refused.txt'))).toBe('413 0');
    expect(server.root.read('refused.txt')).toBeUndefined();
  });

  test('-T of a file makes the page, then replaces it; -T - sends it in chunks', async () => {
    const said = ['-o', ownFile('none'), '-w', '%{http_code}'];
    expect(await curl('-T', ownFile('small.html'), ...said, at('put/'))).toBe('201');
    expect(await curl('-T', ownFile('small.html'), ...said, at('put/'))).toBe('204');
    expect(server.root.read('put/small.html')).toBe('<p>small</p>\n');
    const chunked = ['curl', '-sS', '-T', '-', ...said, at('put/chunked.html')];
    expect((await run(chunked, '<p>piped</p>')).text).toBe('201');
    expect(server.root.read('put/chunked.html')).toBe('<p>piped</p>');
  });

  test('-d posts a form as it is', async () => {
    const said = '%{http_code} %header{location}';
    expect(await curl('-d', 'a=1&b=2', '-w', ` ${said}`, at('form.html'))).toBe(
      'a=1&b=2 201 /form.html',
    );
    expect(server.root.read('form.html')).toBe('a=1&b=2');
  });

  test('--http1.0', async () => {
    const got = await curl('--http1.0', '-i', at('test.html'));
    expect(got).toContain('\r\nConnection: close\r\n');
    expect(got).toEndWith(`\r\n\r\n${SAMPLE}`);
  });

  test('two URLs, and a refusal between them, over one connection', async () => {
    const urls = ['test.html', 'missing.html', 'alphabet.txt'].map(at);
    const outputs = urls.flatMap(() => ['-o', ownFile('none')]);
    const said = await curl('-w', '%{http_code} %{num_connects}\\n', ...outputs, ...urls);
    expect(said).toBe('200 1\n404 0\n200 0\n');
  });

  test('--etag-compare and -z: nothing is sent again', async () => {
    const tag = ownFile('tag');
    await curl('--etag-save', tag, '-o', ownFile('kept.html'), at('test.html'));
    const said = ['-w', '%{http_code} %{size_download}'];
    expect(await curl('--etag-compare', tag, ...said, at('test.html'))).toBe('304 0');
    await curl('-R', '-o', ownFile('kept.html'), at('test.html'));
    expect(await curl('-z', ownFile('kept.html'), ...said, at('test.html'))).toBe('304 0');
  });

  test('fifty URLs at once', async () => {
    const url = `${at('test.html')}?[1-50]`;
    const said = await curl(
      '-Z',
      '--no-progress-meter',
      '-o',
      ownFile('none'),
      '-w',
      '%{http_code}\\n',
      url,
    );
    expect(said).toBe('200\n'.repeat(50));
  });
});
