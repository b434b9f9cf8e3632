/** The page that `/` shows in a root without an index page: what this is, and what to try. */

import { utf8Bytes } from '../base/bytes.ts';
import type { DoneBy } from '../model/operation.ts';
import { everywhere, type Response } from './response.ts';

const page = utf8Bytes(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Inkwire</title>
<style>
body { font: 16px/1.6 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem; }
pre { background: #f4f1ea; color: #222; padding: 1rem; overflow-x: auto; border-radius: 6px; }
</style>
</head>
<body>
<h1>Inkwire is running</h1>
<p>This is a web server you can write to. There is no <code>index.html</code> here yet, so it shows
this page. Open its prompt in a terminal:</p>
<pre>bun run repl</pre>
<p>and try the four commands:</p>
<pre>POST index.html &lt;h1&gt; This is HTML &lt;/h1&gt;
GET index.html
HEAD index.html
PUT index.html This is test</pre>
<p>The first makes <a href="/index.html">/index.html</a>, which then is what this address shows.</p>
</body>
</html>
`);

/** @param head whether it is described and not sent */
export function startPage(head: boolean, worker: DoneBy | undefined): Response {
  return {
    status: 200,
    fields: [
      ['Content-Type', 'text/html; charset=utf-8'],
      // The page goes away as soon as there is an index page, so nobody may keep it.
      ['Cache-Control', 'no-store'],
      ...everywhere,
    ],
    content: head ? { kind: 'described', bytes: page.length } : { kind: 'bytes', bytes: page },
    log: { worker, why: 'no index.html, so the start page' },
  };
}
