/**
 * Where in a page an insert goes: parses its head, byte for byte, and stops once the place is
 * known.
 *
 * A browser's own rules for building the tree decide what is *the* body (HTML Standard section
 * 13.2.6), so a `<body>` in a comment, a script, an attribute or a template is none.
 */

import { html, InsertionMode, type Token } from 'parse5';
import { assert } from '../../base/assert.ts';
import { latin1Text } from '../../base/bytes.ts';
import { type Refused, refused } from '../../model/operation.ts';
import { ProbeParser, probeTag, TooManyElements } from './probe-parser.ts';
import { skipWhite } from './white-space.ts';

interface PlaceBase {
  /** Byte offset of the insertion. */
  readonly at: number;
  /** Whether browsers show the page in quirks mode, where a table does not close a paragraph. */
  readonly quirks: boolean;
}

export type Place =
  /** Right after the `>` of the body tag, whose `<` stands at `tagStart`. */
  | (PlaceBase & { readonly kind: 'after-body-tag'; readonly tagStart: number })
  /** Before what begins a body that has no tag, or at the end of the page. */
  | (PlaceBase & { readonly kind: 'no-body-tag' });

/**
 * Bytes parsed first: a usual head lies in them. Each later piece is twice as long as the one
 * before.
 */
const firstPieceBytes = 4096;

/**
 * Bytes after the place in which a `frameset` may still take back a body that no tag has opened. It
 * does so until the first text, so a real frameset page shows it soon.
 */
const framesetSearchBytesMax = 64 * 1024;

const { TAG_ID, DOCUMENT_MODE } = html;

/**
 * Start tags that do not begin the content of a page. The last three are obsolete; the parser puts
 * them into the head, and an insert before them would pull them out of it.
 */
const headTags: ReadonlySet<number> = new Set([
  TAG_ID.HTML,
  TAG_ID.HEAD,
  TAG_ID.BASE,
  TAG_ID.LINK,
  TAG_ID.META,
  TAG_ID.TITLE,
  TAG_ID.STYLE,
  TAG_ID.SCRIPT,
  TAG_ID.NOSCRIPT,
  TAG_ID.TEMPLATE,
  TAG_ID.BASEFONT,
  TAG_ID.BGSOUND,
  TAG_ID.NOFRAMES,
]);

/**
 * The place for an insert into a page of an ASCII-compatible charset.
 *
 * Refuses `page-frameset`, and `page-open` when the page ends inside something that it never closes
 * (`<title>`, `<!--`, a tag): a browser shows nothing of what comes after, so nothing would be seen
 * of an insert at the end, and one before that element would stand where the author wrote no
 * content.
 *
 * @param contentStart where the page begins, behind a byte order mark
 */
export function findPlace(page: Uint8Array, contentStart: number): Place | Refused {
  const finder = new PlaceFinder(page.length - contentStart);
  try {
    feed(finder, page, contentStart);
  } catch (error) {
    if (error instanceof TooManyElements) return refused('page-too-large');
    throw error;
  }
  const { found } = finder;
  switch (found.kind) {
    case 'nothing':
      return refused('page-open', finder.swallower);
    case 'frameset':
      return refused('page-frameset');
    case 'body-tag':
      return {
        kind: 'after-body-tag',
        tagStart: found.start + contentStart,
        at: found.end + contentStart,
        quirks: finder.isQuirks,
      };
    case 'content':
      return {
        kind: 'no-body-tag',
        at: skipWhite(page, found.start + contentStart),
        quirks: finder.isQuirks,
      };
  }
}

/**
 * Gives the page to the finder piece by piece, and the probe at its end, until it needs no more.
 */
function feed(finder: PlaceFinder, page: Uint8Array, contentStart: number): void {
  let start = contentStart;
  let pieceBytes = firstPieceBytes;
  while (start < page.length) {
    const end = Math.min(page.length, start + pieceBytes);
    finder.tokenizer.write(latin1Text(page, start, end), false);
    const { found } = finder;
    if (finder.isSettled) return;
    if (found.kind === 'content' && end - contentStart - found.start > framesetSearchBytesMax)
      return;
    start = end;
    pieceBytes *= 2;
  }
  finder.tokenizer.write(probeTag, true);
}

type Found =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'body-tag'; readonly start: number; readonly end: number }
  /** White space may stand between `start` and the content. */
  | { readonly kind: 'content'; readonly start: number }
  | { readonly kind: 'frameset' };

/** The probe at the end of the page is the first content of a page that has none: the end. */
class PlaceFinder extends ProbeParser {
  found: Found = { kind: 'nothing' };
  /** Nothing that follows can change what was found. */
  isSettled = false;
  #insideTemplate = false;
  /** Where the last token that is no text ended. */
  #lastEnd = 0;

  /** @param length of the page in bytes, without a byte order mark */
  constructor(length: number) {
    super(length, true);
  }

  get isQuirks(): boolean {
    return this.treeAdapter.getDocumentMode(this.document) === DOCUMENT_MODE.QUIRKS;
  }

  override get swallower(): string {
    return this.#insideTemplate ? '<template>' : super.swallower;
  }

  override onStartTag(token: Token.TagToken): void {
    if (this.isSettled) return;
    const insideTemplate = this.openElements.tmplCount > 0;
    assert(token.location !== null, 'a tag without a location');
    const { startOffset, endOffset } = token.location;
    // The page ends within this tag, and what follows would go on with it.
    if (startOffset < this.probeOffset && endOffset > this.probeOffset) return;
    this.#lastEnd = endOffset;
    super.onStartTag(token);
    if (this.insertionMode === InsertionMode.IN_FRAMESET) {
      this.#settle({ kind: 'frameset' });
    } else if (insideTemplate) {
      this.#insideTemplate = startOffset === this.probeOffset;
    } else if (this.found.kind === 'content') {
      this.#settleIfFramesTooLate();
    } else if (token.tagID === TAG_ID.BODY) {
      this.#settle({ kind: 'body-tag', start: startOffset, end: endOffset });
    } else if (!headTags.has(token.tagID)) {
      this.#contentBegins(startOffset);
    }
  }

  override onEndTag(token: Token.TagToken): void {
    if (this.isSettled) return;
    this.#passed(token);
    super.onEndTag(token);
  }

  override onComment(token: Token.CommentToken): void {
    this.#passed(token);
    super.onComment(token);
  }

  override onDoctype(token: Token.DoctypeToken): void {
    this.#passed(token);
    super.onDoctype(token);
  }

  override onCharacter(token: Token.CharacterToken): void {
    if (this.isSettled) return;
    const isContent = this.#isOutsideElements();
    super.onCharacter(token);
    if (isContent) this.#textBegins();
  }

  /** NUL is dropped by the parser, but it opens the body as all text does. */
  override onNullCharacter(token: Token.CharacterToken): void {
    if (this.isSettled) return;
    const isContent = this.#isOutsideElements();
    super.onNullCharacter(token);
    if (isContent) this.#textBegins();
  }

  #passed(token: Token.Token): void {
    assert(token.location !== null, 'a token without a location');
    this.#lastEnd = token.location.endOffset;
  }

  /** Whether text would stand in no `title`, `style`, `script`, `noscript` or `template`. */
  #isOutsideElements(): boolean {
    return this.insertionMode !== InsertionMode.TEXT && this.openElements.tmplCount === 0;
  }

  /**
   * Text begins behind the last tag or comment and white space. Its own token does not tell: for a
   * character that is given out late (`&amp;`, a `<` that opens no tag) it may say a later offset.
   */
  #textBegins(): void {
    if (this.found.kind === 'nothing') this.#contentBegins(this.#lastEnd);
    else this.#settleIfFramesTooLate();
  }

  #contentBegins(start: number): void {
    this.found = { kind: 'content', start };
    this.#settleIfFramesTooLate();
  }

  /** Once a frameset would be ignored, the body stands. */
  #settleIfFramesTooLate(): void {
    if (!this.framesetOk) this.#settle(this.found);
  }

  #settle(found: Found): void {
    this.found = found;
    this.isSettled = true;
    this.tokenizer.pause();
  }
}
