/**
 * An HTML parser that is asked one question: what becomes of a start tag at a given offset, the
 * *probe*? Whoever subclasses it sees the probe arrive as a start tag, or learns what swallowed it.
 */

import { type DefaultTreeAdapterMap, Parser, type Token } from 'parse5';

/** The probe's tag. Only its offset tells it from other tags, so its name need not be a secret. */
export const probeTag = '<inkwire-probe>';

/**
 * The tree would hold more elements than the input has bytes: only misnested formatting does that.
 */
export class TooManyElements extends Error {
  constructor(readonly tagName: string) {
    super(`too many elements: ${tagName}`);
  }
}

/**
 * Honest input makes less than one element a byte, and these few by itself (`html`, `tbody` …).
 * Open formatting elements are made anew in every block, which a hostile input can use to make a
 * megabyte into billions of elements.
 */
const impliedElementsMax = 1000;

export abstract class ProbeParser extends Parser<DefaultTreeAdapterMap> {
  #elementsLeft: number;
  #swallower: string | undefined;

  /** @param probeOffset where the probe's `<` stands in the input, in characters */
  constructor(
    readonly probeOffset: number,
    scriptingEnabled: boolean,
  ) {
    super({ scriptingEnabled, sourceCodeLocationInfo: true });
    this.#elementsLeft = probeOffset + impliedElementsMax;
  }

  /**
   * What the probe ended up inside of, in the words of a refusal. Ask only when it did not arrive.
   */
  get swallower(): string {
    // A token that the end cuts off is never given out: it was a tag, or an attribute in one.
    return this.#swallower ?? 'a tag';
  }

  override onComment(token: Token.CommentToken): void {
    if (this.#holdsProbe(token)) this.#swallower = '<!--';
    super.onComment(token);
  }

  override onDoctype(token: Token.DoctypeToken): void {
    if (this.#holdsProbe(token)) this.#swallower = '<!doctype>';
    super.onDoctype(token);
  }

  override onCharacter(token: Token.CharacterToken): void {
    if (this.#holdsProbe(token)) {
      this.#swallower = this.tokenizer.inForeignNode ? '<![CDATA[' : `<${this.openTagName(-1)}>`;
    }
    super.onCharacter(token);
  }

  override _createElement(
    ...from: Parameters<Parser<DefaultTreeAdapterMap>['_createElement']>
  ): DefaultTreeAdapterMap['element'] {
    this.#elementsLeft -= 1;
    if (this.#elementsLeft < 0) throw new TooManyElements(from[0]);
    return super._createElement(...from);
  }

  /** The name of the open element in `slot` of the stack; -1 is the current one. */
  protected openTagName(slot: number): string {
    const node = slot === -1 ? this.openElements.current : this.openElements.items[slot];
    return node !== undefined && 'tagName' in node ? node.tagName : 'html';
  }

  #holdsProbe(token: Token.Token): boolean {
    return token.location !== null && token.location.endOffset > this.probeOffset;
  }
}
