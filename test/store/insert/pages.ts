/** What the tests of inserting share: pages as text, and inserts whose outcome is text. */

import { latin1Bytes, latin1Text, utf8Bytes } from '../../../src/base/bytes.ts';
import type { InsertForm } from '../../../src/model/operation.ts';
import { insertInto } from '../../../src/store/insert/insert.ts';

export const sample = `<!DOCTYPE html>
<html lang="en">
<head>
    <meta charset="UTF-8">
    <meta http-equiv="X-UA-Compatible" content="IE=edge">
    <meta name="viewport" content="width=device-width, initial-scale=1.0">
    <title>Document</title>
</head>
<body>
    <h1> This is HTML </h1>
</body>
</html>`;

/** The new page, or `code` or `code: detail` of the refusal. Pages are UTF-8. */
export function insertText(page: string, text: string): string {
  return outcome(utf8Bytes(page), 'text', utf8Bytes(text));
}

export function insertMarkup(page: string, markup: string): string {
  return outcome(utf8Bytes(page), 'markup', utf8Bytes(markup));
}

export function insertHeading(page: string, markup: string): string {
  return outcome(utf8Bytes(page), 'heading', utf8Bytes(markup));
}

/** For pages in another charset: the page and the new page are text of one character a byte. */
export function insertIntoBytes(page: string, form: InsertForm, content: string): string {
  const result = insertInto(latin1Bytes(page), form, utf8Bytes(content));
  if (result.kind === 'inserted') return latin1Text(result.page);
  return result.detail === undefined ? result.code : `${result.code}: ${result.detail}`;
}

export function outcome(page: Uint8Array, form: InsertForm, content: Uint8Array): string {
  const result = insertInto(page, form, content);
  if (result.kind === 'inserted')
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(result.page);
  return result.detail === undefined ? result.code : `${result.code}: ${result.detail}`;
}
