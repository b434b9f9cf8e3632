/**
 * Whether a fragment of markup can stand in a page's body and leave everything after it as it was.
 *
 * The fragment is parsed as the first thing of a body, with a probe behind it. The probe must
 * arrive as a start tag, and must find the parser as it was before the fragment: nothing open but
 * the body, no formatting element that would be opened again (`<p><b></p>` leaves one), no form
 * that would make the next one be ignored (`<div><form></div>`), no table or select mode. Then what
 * follows is parsed exactly as it was without the fragment. Between the two stands white space, as
 * in the page.
 *
 * Where browsers read the same fragment in two ways, it must be harmless in both.
 */

import { html, InsertionMode, type Token } from 'parse5';
import { type Refused, refused } from '../../model/operation.ts';
import { ProbeParser, probeTag, TooManyElements } from './probe-parser.ts';

interface Reading {
  /** With scripts on, the content of `noscript` is text; with scripts off it is markup. */
  readonly scripting: boolean;
  /**
   * Older browsers drop most tags inside of `select`; since the standard allows rich options they
   * are elements there, and raw text and comments begin where they did not. Taking `select` for an
   * element without rules of its own is the stricter of the two.
   */
  readonly plainSelect: boolean;
}

/**
 * `undefined` when nothing of the page would be swallowed or built otherwise, else `fragment-open`
 * or `fragment-structure`.
 *
 * @param quirks whether the page is shown in quirks mode
 */
export function refuseFragment(fragment: string, quirks: boolean): Refused | undefined {
  // Nothing but a tag or a comment opens anything, and a reference ends at the white space behind.
  if (!fragment.includes('<')) return undefined;
  for (const reading of readingsOf(fragment)) {
    const refusal = refuseReading(fragment, quirks, reading);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** The ways in which browsers may read the fragment: mostly one. */
function readingsOf(fragment: string): Reading[] {
  const readings: Reading[] = [{ scripting: true, plainSelect: false }];
  const hasSelect = /<select/i.test(fragment);
  const hasNoscript = /<noscript/i.test(fragment);
  if (hasSelect) readings.push({ scripting: true, plainSelect: true });
  if (hasNoscript) readings.push({ scripting: false, plainSelect: false });
  if (hasSelect && hasNoscript) readings.push({ scripting: false, plainSelect: true });
  return readings;
}

function refuseReading(fragment: string, quirks: boolean, reading: Reading): Refused | undefined {
  const before = pageBefore(quirks);
  const probe = new FragmentProbe(before.length, before.length + fragment.length + 1, reading);
  try {
    probe.tokenizer.write(`${before}${fragment}\n${probeTag}`, true);
  } catch (error) {
    if (error instanceof TooManyElements) return refused('fragment-open', `<${error.tagName}>`);
    throw error;
  }
  if (probe.structure !== undefined) return refused('fragment-structure', probe.structure);
  const open = probe.arrived ? probe.leftOpen : probe.swallower;
  if (open === undefined) return undefined;
  return open === '<!doctype>'
    ? refused('fragment-structure', open)
    : refused('fragment-open', open);
}

/** The shortest page that is at its body tag, in the mode that is asked for. */
function pageBefore(quirks: boolean): string {
  return quirks ? '<body>' : '<!doctype html><body>';
}

const { TAG_ID } = html;

/**
 * Tags that make a page, and so cannot stand in one: the parser merges them into the page's own.
 */
const pageTags: ReadonlySet<number> = new Set([
  TAG_ID.HTML,
  TAG_ID.HEAD,
  TAG_ID.BODY,
  TAG_ID.FRAMESET,
]);

class FragmentProbe extends ProbeParser {
  /** The probe was a tag of its own. */
  arrived = false;
  /** What was still open when it arrived. */
  leftOpen: string | undefined;
  /** The first tag of the fragment that belongs to a page. */
  structure: string | undefined;
  readonly #fragmentStart: number;
  readonly #plainSelect: boolean;

  constructor(fragmentStart: number, probeOffset: number, reading: Reading) {
    super(probeOffset, reading.scripting);
    this.#fragmentStart = fragmentStart;
    this.#plainSelect = reading.plainSelect;
  }

  override onStartTag(token: Token.TagToken): void {
    if (token.location?.startOffset === this.probeOffset) {
      this.arrived = true;
      this.leftOpen = this.#openNow();
      this.tokenizer.pause();
      return;
    }
    this.#judge(token, `<${token.tagName}>`);
    if (this.#isShadowOfBody(token)) this.structure ??= '<template shadowrootmode>';
    super.onStartTag(this.#readSelect(token));
  }

  override onEndTag(token: Token.TagToken): void {
    this.#judge(token, `</${token.tagName}>`);
    super.onEndTag(this.#readSelect(token));
  }

  override onDoctype(token: Token.DoctypeToken): void {
    if (this.#isOfFragment(token)) this.structure ??= '<!doctype>';
    super.onDoctype(token);
  }

  #isOfFragment(token: Token.Token): boolean {
    return token.location !== null && token.location.startOffset >= this.#fragmentStart;
  }

  #judge(token: Token.TagToken, words: string): void {
    if (pageTags.has(token.tagID) && this.#isOfFragment(token)) this.structure ??= words;
  }

  /** A shadow root on the body itself would hide all the rest of the page. */
  #isShadowOfBody(token: Token.TagToken): boolean {
    return (
      token.tagID === TAG_ID.TEMPLATE &&
      this.openElements.currentTagId === TAG_ID.BODY &&
      token.attrs.some((attribute) => attribute.name === 'shadowrootmode')
    );
  }

  #readSelect(token: Token.TagToken): Token.TagToken {
    if (this.#plainSelect && token.tagID === TAG_ID.SELECT) {
      token.tagName = plainSelectName;
      token.tagID = TAG_ID.UNKNOWN;
    }
    return token;
  }

  /** What keeps the parser from being as it was before the fragment. */
  #openNow(): string | undefined {
    const { openElements, activeFormattingElements } = this;
    // The first two are `html` and `body`; the outermost of the rest is what must be closed last.
    if (openElements.depth > 2) return nameOf(this.openTagName(openElements.slotAbove(1)));
    // A marker alone, as `<template><td></template>` leaves one, is as good as an empty list.
    for (let entry = activeFormattingElements.newest; entry !== null; entry = entry.older) {
      if ('token' in entry) return nameOf(entry.token.tagName);
    }
    if (this.formElement !== null) return '<form>';
    if (this.insertionMode !== InsertionMode.IN_BODY) return 'a tag';
    return this.tmplInsertionModeStack.length > 0 ? '<template>' : undefined;
  }
}

const plainSelectName = 'inkwire-select';

function nameOf(tagName: string): string {
  return tagName === plainSelectName ? '<select>' : `<${tagName}>`;
}
