/** Media types: which one a page is sent with, and what a request says of its content. */

import type { Mime } from 'mime';
import type { PageState } from '../model/operation.ts';
import type { ResourceKey } from '../model/resource-key.ts';

let loaded: Mime | undefined;

/** The table of types by extension. Only pages that are no HTML need it; it takes 10 ms to load. */
function mediaTypes(): Mime {
  if (loaded === undefined) {
    const { default: mime }: typeof import('mime') = require('mime');
    loaded = mime;
  }
  return loaded;
}

/** Text types that are UTF-8 in practice and have no place of their own to say so. */
const utf8Extensions = new Set(['css', 'js', 'mjs', 'json', 'txt', 'svg', 'md']);

/** The `Content-Type` of a page. HTML gets a charset only where the page needs it and says none. */
export function pageMediaType(key: ResourceKey, state: PageState): string {
  const name = key.slice(key.lastIndexOf('/') + 1).toLowerCase();
  const extension = name.includes('.') ? name.slice(name.lastIndexOf('.') + 1) : '';
  if (extension === 'html' || extension === 'htm') {
    return state.needsUtf8Label === true ? 'text/html; charset=utf-8' : 'text/html';
  }
  const type = extension === '' ? null : mediaTypes().getType(extension);
  if (type === null) return 'application/octet-stream';
  return utf8Extensions.has(extension) ? `${type}; charset=utf-8` : type;
}

/** A `Content-Type` field, taken apart (RFC 9110 section 8.3.1). */
export interface MediaType {
  /** `type/subtype` in lower case. */
  readonly essence: string;
  /** In lower case; `undefined` when the field names none. */
  readonly charset: string | undefined;
}

const mediaTypePattern =
  /^([!#$%&'*+.^_`|~0-9A-Za-z-]+\/[!#$%&'*+.^_`|~0-9A-Za-z-]+)((?:[ \t]*;.*)?)$/;
const charsetPattern = /;[ \t]*charset=(?:"([^"\\]*)"|([^ \t;"]*))/i;

/** `undefined` when the field is no media type. */
export function takeMediaType(field: string): MediaType | undefined {
  const match = mediaTypePattern.exec(field);
  if (match === null) return undefined;
  const [, essence = '', parameters = ''] = match;
  const charset = charsetPattern.exec(parameters);
  return {
    essence: essence.toLowerCase(),
    charset: (charset?.[1] ?? charset?.[2])?.toLowerCase(),
  };
}
