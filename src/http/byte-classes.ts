/** Which bytes may stand where (RFC 9110 section 5.6.2, RFC 9112 sections 3 and 5), as tables. */

export const CR = 0x0d;
export const LF = 0x0a;
export const SP = 0x20;
export const HTAB = 0x09;
export const COLON = 0x3a;
export const SEMICOLON = 0x3b;

function byteTable(allowed: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (allowed(byte) ? 1 : 0));
}

const tokenPunctuation = new Set([..."!#$%&'*+-.^_`|~"].map((c) => c.charCodeAt(0)));

function isAlphanumeric(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    (byte >= 0x61 && byte <= 0x7a)
  );
}

/** `tchar`: methods and field names. */
export const isTokenByte = byteTable((b) => isAlphanumeric(b) || tokenPunctuation.has(b));

/** What a field value, a reason phrase and a chunk extension hold: visible, blank, obs-text. */
export const isValueByte = byteTable((b) => b === HTAB || (b >= 0x20 && b <= 0x7e) || b >= 0x80);

/** A request target: visible ASCII without `#`, for a fragment is never sent. */
export const isTargetByte = byteTable((b) => b > 0x20 && b < 0x7f && b !== 0x23);

/** The value of a hexadecimal digit, 255 for any other byte. */
export const hexValue = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  if (byte >= 0x41 && byte <= 0x46) return byte - 0x37;
  if (byte >= 0x61 && byte <= 0x66) return byte - 0x57;
  return 255;
});

/** Whether `text` is a token: not empty, only `tchar`. */
export function isToken(text: string): boolean {
  if (text === '') return false;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code > 255 || isTokenByte[code] === 0) return false;
  }
  return true;
}

/** Whether `text` may be sent as a field value: it cannot end its line or smuggle another one. */
export function isFieldValue(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code > 255 || isValueByte[code] === 0) return false;
  }
  return true;
}
