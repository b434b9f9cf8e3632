/**
 * Packing: a batch of operations or outcomes as one text and one buffer. Cloning a graph of objects
 * from thread to thread costs three times what this does.
 */

import { assert } from '../base/assert.ts';
import { ownBytes } from '../base/bytes.ts';
import type { Edit, EditResult, Operation, Outcome, ReadResult } from './operation.ts';

export interface Pack {
  /** JSON; where bytes belong stands their {@link Place}. */
  readonly text: string;
  /** All small bytes, one after the other, in a buffer of their own. */
  readonly slab: Uint8Array;
  /** Large bytes, each by itself, so that they can be moved and need no copy. */
  readonly large: readonly Uint8Array[];
}

/** Prepared edits, packed by `prepared-packing.ts`. */
export interface PreparedPack extends Pack {
  /** The identities of their files, as words: JSON has no integers of 64 bits. */
  readonly identities: BigInt64Array;
}

/** From here on, moving a buffer is cheaper than copying its bytes twice. */
export const largeBytesMin = 16_384;

/** Where bytes are: in the slab from `offset` on, or the whole of a large one. */
export type Place = readonly [offset: number, length: number] | readonly [large: number];

/** `T` with a place for each bytes. */
type Placed<T> = T extends string | number | boolean | undefined
  ? T
  : T extends Uint8Array
    ? Place
    : T extends readonly (infer Item)[]
      ? readonly Placed<Item>[]
      : { readonly [Key in keyof T]: Placed<T[Key]> };

export type PlacedResult = Placed<EditResult>;

export function packOperations(operations: readonly Operation[]): Pack {
  const packer = new Packer();
  const placed = operations.map((operation): Placed<Operation> => {
    if (operation.kind === 'read') return operation;
    return { ...operation, edits: operation.edits.map((edit) => packer.placeEdit(edit)) };
  });
  return packer.pack(placed);
}

export function unpackOperations(pack: Pack): Operation[] {
  const placed: Placed<Operation>[] = JSON.parse(pack.text);
  return placed.map((operation): Operation => {
    if (operation.kind === 'read') return operation;
    const edits = operation.edits.map(
      (edit): Edit =>
        edit.kind === 'remove' ? edit : { ...edit, content: bytesAt(pack, edit.content) },
    );
    return { ...operation, edits };
  });
}

export function packOutcomes(outcomes: readonly Outcome[]): Pack {
  const packer = new Packer();
  const placed = outcomes.map((outcome): Placed<Outcome> => {
    const { kind, id } = outcome;
    if (kind === 'read') return { kind, id, result: packer.placeRead(outcome.result) };
    return { kind, id, results: outcome.results.map((result) => packer.placeResult(result)) };
  });
  return packer.pack(placed);
}

/** The bytes of each outcome are in memory of their own, so that keeping one keeps no other. */
export function unpackOutcomes(pack: Pack): Outcome[] {
  const own = (place: Place): Uint8Array => bytesAt(pack, place);
  const placed: Placed<Outcome>[] = JSON.parse(pack.text);
  return placed.map((outcome): Outcome => {
    const { kind, id } = outcome;
    if (kind === 'read') return { kind, id, result: readAt(pack, outcome.result) };
    return { kind, id, results: outcome.results.map((result) => resultAt(result, own)) };
  });
}

/** Collects bytes while it gives places for them. */
export class Packer {
  readonly #small: Uint8Array[] = [];
  readonly #large: Uint8Array[] = [];
  #slabBytes = 0;
  #last: { readonly bytes: Uint8Array; readonly place: Place } | undefined;

  pack(placed: readonly unknown[]): Pack {
    const slab = new Uint8Array(this.#slabBytes);
    let offset = 0;
    for (const bytes of this.#small) {
      slab.set(bytes, offset);
      offset += bytes.length;
    }
    return { text: JSON.stringify(placed), slab, large: this.#large };
  }

  placeEdit(edit: Edit): Placed<Edit> {
    return edit.kind === 'remove' ? edit : { ...edit, content: this.place(edit.content) };
  }

  placeRead(result: ReadResult): Placed<ReadResult> {
    if (result.kind !== 'found') return result;
    const { content } = result;
    if (content.kind !== 'whole') return { ...result, content };
    return { ...result, content: { kind: 'whole', bytes: this.place(content.bytes) } };
  }

  placeResult(result: EditResult): PlacedResult {
    if (result.kind === 'refused' || result.kind === 'removed') return result;
    const { page, ...rest } = result;
    return page === undefined ? rest : { ...rest, page: this.place(page) };
  }

  /** The same bytes, twice in a row, have one place. */
  place(bytes: Uint8Array): Place {
    if (this.#last?.bytes === bytes) return this.#last.place;
    const place = this.#newPlace(bytes);
    this.#last = { bytes, place };
    return place;
  }

  #newPlace(bytes: Uint8Array): Place {
    if (bytes.length >= largeBytesMin) return [this.#large.push(ownBytes(bytes)) - 1];
    this.#small.push(bytes);
    this.#slabBytes += bytes.length;
    return [this.#slabBytes - bytes.length, bytes.length];
  }
}

function readAt(pack: Pack, result: Placed<ReadResult>): ReadResult {
  if (result.kind !== 'found') return result;
  const { content } = result;
  if (content.kind !== 'whole') return { ...result, content };
  return { ...result, content: { kind: 'whole', bytes: bytesAt(pack, content.bytes) } };
}

/** @param bytesOf what stands at a place */
export function resultAt(result: PlacedResult, bytesOf: (place: Place) => Uint8Array): EditResult {
  if (result.kind === 'refused' || result.kind === 'removed') return result;
  const { page, ...rest } = result;
  return page === undefined ? rest : { ...rest, page: bytesOf(page) };
}

function bytesAt(pack: Pack, place: Place): Uint8Array {
  const view = viewAt(pack, place);
  return place.length === 2 ? view.slice() : view;
}

/** The same, and small ones are a part of the pack's own memory. */
export function viewAt(pack: Pack, place: Place): Uint8Array {
  const [first, length] = place;
  if (length !== undefined) return pack.slab.subarray(first, first + length);
  const bytes = pack.large[first];
  assert(bytes !== undefined, 'a pack without its large bytes');
  return bytes;
}
