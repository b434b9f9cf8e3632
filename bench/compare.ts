/** `bun run compare`: the same bytes to Inkwire, nginx and `Bun.serve`, and what each answers. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileMarkedPart, writeMarkedParts } from '../test/docs/marked.ts';
import { commandLine } from './command-line.ts';
import { OUTSIDE_NAME, servedFiles } from './compare/row.ts';
import { columnOf, compareTable } from './compare/table.ts';
import { freePort, nginx, started, startInkwire, startNginxWith } from './servers.ts';

const usage = `
The same bytes to Inkwire, to nginx and to Bun.serve, and what each answers.

  bun run compare            prints the table
  bun run compare --write    and puts it into docs/HTTP.md
`;

const { values } = commandLine(usage, { write: { type: 'boolean', default: false } });
const sample = readFileSync(join(import.meta.dir, '../src/config/samples/test.html'), 'utf8');

/** Files and index pages, and nothing else said. */
const staticConfig = (root: string) => (port: number) =>
  `types { text/html html; } server { listen 127.0.0.1:${port}; root ${root}; }`;

function nginxName(): string {
  if (nginx === null) return 'nginx';
  const said = Bun.spawnSync([nginx, '-v']).stderr.toString();
  return `nginx ${/nginx\/([0-9.]+)/.exec(said)?.[1] ?? ''}`.trim();
}

const folder = mkdtempSync(join(tmpdir(), 'inkwire-compare-'));
try {
  const root = join(folder, 'root');
  for (const [name, content] of Object.entries(servedFiles(sample))) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  writeFileSync(join(folder, OUTSIDE_NAME), 'outside\n');

  await using inkwire = await startInkwire(root, 2);
  await using peer = await startNginxWith(staticConfig(root), join(folder, 'nginx'));
  const port = freePort();
  const handler = join(import.meta.dir, 'compare/bun-server.ts');
  await using bun = await started(
    'Bun.serve',
    [process.execPath, handler, String(port), root],
    port,
  );
  const columns = new Map([
    ['Inkwire', await columnOf(inkwire.port)],
    [nginxName(), peer === undefined ? undefined : await columnOf(peer.port)],
    [`Bun.serve ${Bun.version}`, await columnOf(bun.port)],
  ]);
  const table = compareTable(columns);
  console.log(table);
  if (values.write) {
    writeMarkedParts('docs/HTTP.md', { compare: table });
    console.log(`written: ${fileMarkedPart('docs/HTTP.md', 'compare').length} characters`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
