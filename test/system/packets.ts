/**
 * A capture of loopback: the TCP segments of one port, as tcpdump sees them. Linux only.
 */

/** A segment, as far as the tests look at it. */
export interface Segment {
  readonly fromPort: number;
  /** `SYN`, `ACK`, `PSH`, `FIN`, `RST`. */
  readonly flags: ReadonlySet<string>;
  readonly payload: Uint8Array;
}

/** What tcpdump says on standard error once no packet can be missed any more. */
const BEGUN = 'listening on';

/** How long a capture may take, milliseconds. */
const WAIT_MS = 10_000;

const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const LINK_TYPE_ETHERNET = 1;
const ETHERNET_HEADER_BYTES = 14;
const flagNames = ['FIN', 'SYN', 'RST', 'PSH', 'ACK'] as const;

/** Why nothing can be captured here; `undefined` when it can. */
export async function whyNoCapture(): Promise<string | undefined> {
  if (process.platform !== 'linux')
    return `captures are made on Linux, this is ${process.platform}`;
  if (Bun.which('tcpdump') === null) return 'tcpdump is not installed';
  try {
    await using _ = await capture(1);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Begins to capture `port`. Rejects, with what tcpdump said, when it may not. */
export async function capture(port: number) {
  const flags = ['-i', 'lo', '-U', '--immediate-mode', '-w', '-'];
  const child = Bun.spawn(['tcpdump', ...flags, `tcp port ${port}`], {
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const file = child.stdout.getReader();
  const timer = setTimeout(() => child.kill(), WAIT_MS);
  const end = async (): Promise<void> => {
    clearTimeout(timer);
    child.kill();
    await child.exited;
  };
  // The stream stays open behind this: a program that cannot write its last words would be killed.
  const words = child.stderr.getReader();
  let said = '';
  while (!said.includes(BEGUN)) {
    const { done, value } = await words.read();
    if (done) break;
    said += new TextDecoder().decode(value);
  }
  if (!said.includes(BEGUN)) {
    await end();
    throw new Error(`tcpdump may not capture: ${said.trim().split('\n').at(-1)}`);
  }
  return {
    /** Resolves with all segments so far once `enough` holds of them; rejects when none follow. */
    async until(enough: (segments: readonly Segment[]) => boolean): Promise<Segment[]> {
      let held = new Uint8Array(0);
      for (;;) {
        const segments = segmentsOf(held);
        if (enough(segments)) return segments;
        const { done, value } = await file.read();
        if (done) throw new Error(`the capture ended after ${segments.length} segments`);
        held = new Uint8Array(Buffer.concat([held, value]));
      }
    },
    [Symbol.asyncDispose]: end,
  };
}

/** The whole records of a capture file. */
function segmentsOf(file: Uint8Array): Segment[] {
  if (file.length < FILE_HEADER_BYTES) return [];
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const linkType = view.getUint32(20, true);
  if (linkType !== LINK_TYPE_ETHERNET) throw new Error(`a capture of link type ${linkType}`);
  const segments: Segment[] = [];
  for (let at = FILE_HEADER_BYTES; at + RECORD_HEADER_BYTES <= file.length; ) {
    const length = view.getUint32(at + 8, true);
    const start = at + RECORD_HEADER_BYTES;
    if (start + length > file.length) break;
    segments.push(segmentOf(file.subarray(start + ETHERNET_HEADER_BYTES, start + length)));
    at = start + length;
  }
  return segments;
}

/** @param packet IPv4 with TCP in it (RFC 791, RFC 9293 section 3.1) */
function segmentOf(packet: Uint8Array): Segment {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  const tcp = (view.getUint8(0) & 0x0f) * 4;
  const bits = view.getUint8(tcp + 13);
  const payload = tcp + (view.getUint8(tcp + 12) >> 4) * 4;
  return {
    fromPort: view.getUint16(tcp),
    flags: new Set(flagNames.filter((_, index) => (bits & (1 << index)) !== 0)),
    payload: packet.slice(payload, view.getUint16(2)),
  };
}
