/**
 * The files of a folder as Bun's documentation shows it: `Bun.serve` answers with `Bun.file`.
 * Started as `bun bun-file-server.ts PORT FOLDER`; for files that are there, and nothing else.
 */

const [port = '', folder = ''] = process.argv.slice(2);

Bun.serve({
  hostname: '127.0.0.1',
  port: Number(port),
  fetch: (request) => new Response(Bun.file(folder + new URL(request.url).pathname)),
});
