/** The seam through which a content goes to sockets from memory of the kernel, without a copy. */

/** A content that the kernel holds. */
export interface KernelContent {
  /**
   * Sends a head and then the content, as much as there is room for, and returns how many bytes
   * went out. 0 says nothing about the connection: it may be full, or gone.
   *
   * @param socket its descriptor, which must be the connection's now
   */
  send(socket: number, head: Uint8Array): number;
  /** Gives it back. What is on its way goes on whole. */
  letGo(): void;
}

/** Has the kernel hold a copy of `content`; `undefined` when it cannot. */
export type KeepInKernel = (content: Uint8Array) => KernelContent | undefined;

/** A descriptor that no call takes. */
const noDescriptor = -1;

/** The descriptor of a socket: Bun's have one while they are open, though no type says so. */
export function descriptorOf(socket: object): number {
  return 'fd' in socket && typeof socket.fd === 'number' ? socket.fd : noDescriptor;
}
