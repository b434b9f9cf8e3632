/** A server that does not edit as it was thought to: the page is as it was, or it is said. */

import { expect, test } from 'bun:test';
import type { VerifyWay } from '../../../src/load/verify/verify.ts';
import { PAGE, type PageServerOptions, startPageServer } from './page-server.ts';
import { problemOf, reportOf } from './runs.ts';

const put: VerifyWay = { kind: 'insert', method: 'PUT' };
const patch: VerifyWay = { kind: 'insert', method: 'PATCH' };
const swap: VerifyWay = { kind: 'swap', method: 'PUT' };

interface Row {
  readonly name: string;
  readonly server: PageServerOptions;
  readonly way: VerifyWay;
  readonly said: RegExp;
}

const replacing = /^PUT replaces pages here: use --swap, or --patch$/;

/** An edit of the page itself is never sent. */
const untouched: readonly Row[] = [
  { name: 'PUT makes pages', server: { methods: { PUT: 'stores' } }, way: put, said: replacing },
  {
    name: 'PUT replaces, POST makes',
    server: { methods: { PUT: 'replaces', POST: 'stores' } },
    way: put,
    said: replacing,
  },
  {
    name: 'PATCH replaces, POST makes',
    server: { methods: { PATCH: 'replaces', POST: 'stores' } },
    way: patch,
    said: /^PATCH replaces pages here: use --swap$/,
  },
  {
    name: 'PATCH replaces, PUT makes',
    server: { methods: { PATCH: 'replaces', PUT: 'stores' } },
    way: patch,
    said: /^PATCH replaces pages here: use --swap$/,
  },
  ...([302, 202, 500, 'nothing'] as const).map((status) => ({
    name: `PUT makes pages, and is answered ${status}`,
    server: { methods: { PUT: 'stores' }, answer: () => status } as const,
    way: put,
    said: /^PUT \/test-iw[0-9a-f]{8}\.html was (not )?answered.*so nothing can be verified$/,
  })),
  {
    name: 'PUT inserts where it is to replace',
    server: { methods: { PUT: 'inserts', POST: 'stores' } },
    way: swap,
    said: /^PUT \/test-iw[0-9a-f]{8}\.html did not store what was sent: [\s\S]* use --swap=POST$/,
  },
];

test.each([...untouched])('untouched: $name', async ({ server: options, way, said }) => {
  using server = startPageServer(options);
  expect(await problemOf(server.port, { way })).toMatch(said);
  expect(server.asked.filter((asked) => asked.endsWith(' /test.html'))).toEqual([]);
  expect([...server.pages]).toEqual([['/test.html', PAGE]]);
});

const overwritten = '/test.html was overwritten, and holds again what it held';

/** No copy can be made, so that there is nothing to find out with. */
const restored: readonly Row[] = [
  {
    name: 'PUT replaces',
    server: { methods: { PUT: 'replaces' } },
    way: put,
    said: new RegExp(`^PUT replaces pages here: .*; ${overwritten}$`),
  },
  {
    name: 'PATCH replaces',
    server: { methods: { PATCH: 'replaces' } },
    way: patch,
    said: new RegExp(`^PATCH replaces pages here: .*; ${overwritten}$`),
  },
  ...([302, 202, 500, 'nothing'] as const).map((status) => ({
    name: `PUT replaces, and is answered ${status}`,
    server: { methods: { PUT: 'replaces' }, answer: () => status } as const,
    way: put,
    said: new RegExp(`^PUT /test.html was .*, so nothing can be verified; ${overwritten}$`),
  })),
];

test.each([...restored])('restored: $name', async ({ server: options, way, said }) => {
  using server = startPageServer(options);
  expect(await problemOf(server.port, { way })).toMatch(said);
  expect([...server.pages]).toEqual([['/test.html', PAGE]]);
});

test('a short page, which any text may seem to hold, is restored too', async () => {
  for (const page of ['', 'i', 'iw0']) {
    using server = startPageServer({ methods: { PUT: 'replaces' } });
    server.pages.set('/test.html', page);
    expect(await problemOf(server.port)).toEndWith(overwritten);
    expect(server.pages.get('/test.html')).toBe(page);
  }
});

test('a page that cannot be put back is told, with its length', async () => {
  let puts = 0;
  const refuse = (method: string, path: string): number | undefined => {
    if (method !== 'PUT' || path !== '/test.html') return undefined;
    puts += 1;
    return puts > 1 ? 403 : undefined;
  };
  using server = startPageServer({ methods: { PUT: 'replaces' }, refuse });
  const lost = `its ${PAGE.length} bytes could not be put back: PUT of them was answered 403`;
  expect(await problemOf(server.port)).toEndWith(`/test.html was overwritten, and ${lost}`);
});

test('a page that may have been edited is said to hold what it held, and left as it is', async () => {
  using server = startPageServer({ methods: { PUT: 'inserts' }, answer: () => 500 });
  const kept = '/test.html was changed, and still holds all that it held';
  expect(await problemOf(server.port)).toEndWith(kept);
  expect(server.asked.filter((asked) => asked === 'PUT /test.html')).toHaveLength(1);
});

test('where no copy can be made, a server that inserts is verified all the same', async () => {
  using server = startPageServer({ methods: { PUT: 'inserts' }, deletes: false });
  expect(await reportOf(server.port)).toMatchObject({ confirmed: true, notes: [] });
});

test('the copy that it was tried out on is removed, or named', async () => {
  const methods = { PUT: 'inserts', POST: 'stores' } as const;
  using removing = startPageServer({ methods });
  expect((await reportOf(removing.port)).notes).toEqual([]);
  expect([...removing.pages.keys()]).toEqual(['/test.html']);
  using keeping = startPageServer({ methods, deletes: false });
  const [note] = (await reportOf(keeping.port)).notes;
  const [, copy = ''] = [...keeping.pages.keys()];
  expect(note).toMatchObject({ kind: 'copies-left', targets: [copy] });
});

test('--swap leaves no copy behind at a server that removes none', async () => {
  using server = startPageServer({ methods: { PUT: 'stores' }, deletes: false });
  const alone = { way: swap, connections: 1, readers: 0 };
  expect(await reportOf(server.port, alone)).toMatchObject({ confirmed: true });
  expect([...server.pages.keys()]).toEqual(['/test.html']);
});

test.each([put, swap])(
  'an edit that is acknowledged and never done is said to be so: %p',
  async (way) => {
    const refuse = (method: string) => (method === 'PUT' ? 204 : undefined);
    using server = startPageServer({ methods: { PUT: 'inserts' }, refuse });
    const said = 'PUT /test.html: the first edit was acknowledged, but not there: it was lost,';
    expect(await problemOf(server.port, { way })).toBe(`${said} or an old page was read`);
    expect([...server.pages]).toEqual([['/test.html', PAGE]]);
  },
);
