/** The codec's limits, each with its unit, its default and its reason. */

export interface HeadLimits {
  /** Bytes of a request target; RFC 9112 section 3 asks for 8,000 at least. */
  readonly targetBytesMax: number;
  /** Bytes of a method: the longest registered one (UPDATEREDIRECTREF) has 17. */
  readonly methodBytesMax: number;
  /** Bytes of a reason phrase, which nobody needs. */
  readonly reasonBytesMax: number;
  /** Bytes of a header or trailer section, line ends included: what one connection may pin. */
  readonly sectionBytesMax: number;
  /** Bytes of one field line without its end: a few large cookies. */
  readonly fieldBytesMax: number;
  /** Field lines in a section: each costs work in every later look-up. */
  readonly fieldsMax: number;
  /** Bytes of chunk extensions in one body: they carry nothing, so a flood of them is an attack. */
  readonly chunkExtensionBytesMax: number;
}

export const defaultHeadLimits: HeadLimits = {
  targetBytesMax: 8_000,
  methodBytesMax: 32,
  reasonBytesMax: 512,
  sectionBytesMax: 32 * 1024,
  fieldBytesMax: 16 * 1024,
  fieldsMax: 100,
  chunkExtensionBytesMax: 4 * 1024,
};
