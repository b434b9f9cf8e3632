/**
 * What is told of a page beside its content: size, time, entity tag, and whether it needs a label.
 */

import { isAscii, isUtf8 } from 'node:buffer';
import { utf8Bytes } from '../base/bytes.ts';
import type { EntityTag } from '../model/entity-tag.ts';
import { fileMark } from '../model/file-identity.ts';
import type { FileIdentity } from '../model/messages.ts';
import type { PageState } from '../model/operation.ts';
import type { ResourceKey } from '../model/resource-key.ts';
import { charsetOfPage } from './insert/charset.ts';

/** 128 bits: two contents share a tag with a chance of 2^-64 at 2^32 versions. */
const tagBytes = 16;

/** Filled anew for each tag: a hasher, a digest and a view of their own cost a third of it. */
const digest = new Uint8Array(Bun.SHA256.byteLength);
const digestPart = Buffer.from(digest.buffer, 0, tagBytes);

/** The strong entity tag of a content: the first 128 bits of its SHA-256. */
export function contentTag(content: Uint8Array): EntityTag {
  Bun.SHA256.hash(content, digest);
  return { weak: false, opaque: digestPart.toString('base64url') };
}

/**
 * The strong entity tag of a content that is too large to be hashed: its file's identity, which
 * changes whenever the content does.
 */
export function identityTag(identity: FileIdentity): EntityTag {
  return contentTag(utf8Bytes(fileMark(identity)));
}

/** Whether the key names an HTML page: only such take inserts. */
export function isHtmlKey(key: ResourceKey): boolean {
  return /\.html?$/i.test(key);
}

/** Whether the content is UTF-8 beyond ASCII and does not say so itself. */
export function needsUtf8Label(content: Uint8Array): boolean {
  if (isAscii(content) || !isUtf8(content)) return false;
  return charsetOfPage(content).decidedBefore === undefined;
}

/** The state of a page whose content is in hand. */
export function stateOf(key: ResourceKey, content: Uint8Array, modifiedMs: number): PageState {
  const tagged = { size: content.length, modifiedMs, tag: contentTag(content) };
  return isHtmlKey(key) ? { ...tagged, needsUtf8Label: needsUtf8Label(content) } : tagged;
}
