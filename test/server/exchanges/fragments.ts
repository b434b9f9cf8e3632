/** Markup that would swallow what follows it on the page, or that belongs to a whole page. */

import { request } from '../../support/raw-client.ts';
import { type Row, sentence } from './row.ts';

/** What is sent, and what the sentence says is left open. */
const open: readonly (readonly [content: string, names: string])[] = [
  ['<!--', '<!--'],
  ['<p>a</p><!-- b', '<!--'],
  ['<!-- a --', '<!--'],
  ['<?php', '<!--'],
  ['<script>', '<script>'],
  ['<script>a</scrip', '<script>'],
  ['<style>p {', '<style>'],
  ['<title>', '<title>'],
  ['<textarea>a', '<textarea>'],
  ['<xmp>', '<xmp>'],
  ['<iframe src=a>', '<iframe>'],
  ['<noscript>', '<noscript>'],
  ['<template>', '<template>'],
  ['<plaintext>', '<plaintext>'],
  ['<p class="a', 'a tag'],
  ["<a href='x>y</a>", 'a tag'],
  ['<p', 'a tag'],
  ['</p', 'a tag'],
  ['<div>', '<div>'],
  ['<section><p>a', '<section>'],
  ['<b>a', '<b>'],
  ['<ul><li>a</li>', '<ul>'],
  ['<table><tr><td>a</td>', '<table>'],
  ['<select><option>a</option>', '<select>'],
  ['<svg><![CDATA[ a', '<![CDATA['],
];

/** What is sent, and which part of it belongs to a whole page. */
const structure: readonly (readonly [content: string, names: string])[] = [
  ['</body>', '</body>'],
  ['<body class=a>', '<body>'],
  ['<html lang=en>', '<html>'],
  ['</html>', '</html>'],
  ['<head><title>a</title></head>', '<head>'],
  ['<frameset>', '<frameset>'],
  ['<!DOCTYPE html>', '<!doctype>'],
  ['<p>a</p></BODY><script>b</script>', '</body>'],
];

function refusedAs(words: string): (entry: readonly [string, string]) => readonly [string, RegExp] {
  return ([content, names]) => [content, sentence(words.replace('*', names))];
}

const entries: readonly (readonly [content: string, body: RegExp])[] = [
  ...open.map(refusedAs('The fragment leaves * open.')),
  ...structure.map(
    refusedAs(
      'The fragment holds *, which belongs to a whole page: send the page with POST, ' +
        'or with PUT to a server that runs with --semantics standard.',
    ),
  ),
];

/** Each is refused, with the sentence that names it, and leaves the page as it was. */
export function fragments(method: 'PATCH' | 'PUT'): Row[] {
  return entries.map(
    ([content, body]): Row => ({
      name: `${method} ${content}`,
      raw: request(method, '/~/page.html', { fields: ['Content-Type: text/html'], content }),
      status: 400,
      body,
    }),
  );
}
