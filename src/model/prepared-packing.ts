/** Packing of prepared edits for the commit worker, in the manner of `packing.ts`. */

import type { FileIdentity, PreparedChange, PreparedEdit, PreparedFile } from './messages.ts';
import {
  Packer,
  type Place,
  type PlacedResult,
  type PreparedPack,
  resultAt,
  viewAt,
} from './packing.ts';

/** Device, inode, size, times of modification and of change. */
const wordsPerIdentity = 5;
/** A replacement has two, no change has more. */
const identitiesPerEditMax = 2;

/** The number of an identity in the pack. */
type IdentityPlace = number;

interface PlacedFile {
  readonly temporary: string;
  readonly file: IdentityPlace;
  readonly content?: Place;
}

type PlacedChange =
  | (PlacedFile & { readonly kind: 'create' })
  | (PlacedFile & { readonly kind: 'replace'; readonly read: IdentityPlace })
  | { readonly kind: 'remove'; readonly temporary: string; readonly read: IdentityPlace }
  | { readonly kind: 'none' };

interface PlacedEdit extends Omit<PreparedEdit, 'change' | 'results'> {
  readonly change: PlacedChange;
  readonly results: readonly PlacedResult[];
}

export function packPrepared(edits: readonly PreparedEdit[]): PreparedPack {
  const packer = new Packer();
  const identities = new Identities(
    new BigInt64Array(edits.length * identitiesPerEditMax * wordsPerIdentity),
  );
  const placed = edits.map((edit): PlacedEdit => {
    const results = edit.results.map((result) => packer.placeResult(result));
    // After the results, the last of which mostly has the same bytes.
    return { ...edit, change: placeChange(edit.change, identities, packer), results };
  });
  return { ...packer.pack(placed), identities: identities.words };
}

/**
 * The bytes are parts of the pack's memory: they are written down and packed again, all at once,
 * and who keeps some makes a copy.
 */
export function unpackPrepared(pack: PreparedPack): PreparedEdit[] {
  const part = (place: Place): Uint8Array => viewAt(pack, place);
  const identities = new Identities(pack.identities);
  const placed: PlacedEdit[] = JSON.parse(pack.text);
  return placed.map((edit): PreparedEdit => {
    const results = edit.results.map((result) => resultAt(result, part));
    return { ...edit, change: changeAt(pack, edit.change, identities), results };
  });
}

function placeChange(change: PreparedChange, identities: Identities, packer: Packer): PlacedChange {
  switch (change.kind) {
    case 'create':
      return { kind: 'create', ...placeFile(change, identities, packer) };
    case 'replace': {
      const file = placeFile(change, identities, packer);
      return { kind: 'replace', ...file, read: identities.place(change.read) };
    }
    case 'remove':
      return { ...change, read: identities.place(change.read) };
    case 'none':
      return change;
  }
}

function placeFile(
  { temporary, file, content }: PreparedFile,
  identities: Identities,
  packer: Packer,
): PlacedFile {
  const placed = { temporary, file: identities.place(file) };
  return content === undefined ? placed : { ...placed, content: packer.place(content) };
}

function changeAt(
  pack: PreparedPack,
  change: PlacedChange,
  identities: Identities,
): PreparedChange {
  switch (change.kind) {
    case 'create':
      return { kind: 'create', ...fileAt(pack, change, identities) };
    case 'replace': {
      const read = identities.at(change.read);
      return { kind: 'replace', ...fileAt(pack, change, identities), read };
    }
    case 'remove':
      return { ...change, read: identities.at(change.read) };
    case 'none':
      return change;
  }
}

function fileAt(
  pack: PreparedPack,
  { temporary, file, content }: PlacedFile,
  identities: Identities,
): PreparedFile {
  const prepared = { temporary, file: identities.at(file) };
  return content === undefined ? prepared : { ...prepared, content: viewAt(pack, content) };
}

class Identities {
  /** The same words, for what is never negative and may need all 64 bits. */
  readonly #unsigned: BigUint64Array;
  #count = 0;

  constructor(readonly words: BigInt64Array) {
    this.#unsigned = new BigUint64Array(words.buffer, words.byteOffset, words.length);
  }

  place({ device, inode, size, modifiedNs, changedNs }: FileIdentity): IdentityPlace {
    const at = this.#count * wordsPerIdentity;
    this.#unsigned[at] = device;
    this.#unsigned[at + 1] = inode;
    this.#unsigned[at + 2] = size;
    this.words[at + 3] = modifiedNs;
    this.words[at + 4] = changedNs;
    this.#count += 1;
    return this.#count - 1;
  }

  at(place: IdentityPlace): FileIdentity {
    const at = place * wordsPerIdentity;
    return {
      device: this.#unsigned[at] ?? 0n,
      inode: this.#unsigned[at + 1] ?? 0n,
      size: this.#unsigned[at + 2] ?? 0n,
      modifiedNs: this.words[at + 3] ?? 0n,
      changedNs: this.words[at + 4] ?? 0n,
    };
  }
}
