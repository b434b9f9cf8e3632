/** Content that a client collects outlives the view it came in. */

import { expect, test } from 'bun:test';
import { latin1Text, utf8Bytes } from '../../src/base/bytes.ts';
import { Collector } from '../../src/client/collector.ts';
import { ClientConnection } from '../../src/http/client-connection.ts';

test('content is copied, for its view is soon overwritten', () => {
  const connection = new ClientConnection();
  connection.send({ method: 'GET', target: '/', fields: [] });
  connection.receive(utf8Bytes('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n'));
  const collector = new Collector(6);
  const event = connection.poll();
  if (event?.kind !== 'head') throw new Error('no head');
  collector.setHead(event.head);
  const view = utf8Bytes('abc');
  expect(collector.addContent(view)).toBeUndefined();
  view.set(utf8Bytes('def'));
  expect(collector.addContent(view)).toBeUndefined();
  view.fill(0);
  expect(latin1Text(collector.completed(1, false).content)).toBe('abcdef');
});

test('a bound that is whole mebibytes is said so', () => {
  const collector = new Collector(2 * 1024 * 1024);
  const problem = collector.addContent(new Uint8Array(2 * 1024 * 1024 + 1));
  expect(problem).toBe('the content is longer than the 2 MiB that are kept');
});
