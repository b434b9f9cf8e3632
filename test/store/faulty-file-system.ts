/** A file system in which one call goes wrong: the store's seam, with a fault behind it. */

import { FileError } from '../../src/store/errno.ts';
import type { FileSystem } from '../../src/store/file-system.ts';
import { systemFileSystem } from '../../src/store/system-file-system.ts';
import { toldLater } from './told-later.ts';

/** An error number; or `short`: a read or write that does only a part of what was asked. */
export type Fault =
  | 'EIO'
  | 'ENOSPC'
  | 'EACCES'
  | 'EPERM'
  | 'EAGAIN'
  | 'EXDEV'
  | 'EINVAL'
  | 'ENOSYS'
  | 'short';

/** The process that used the file system is no more. */
export class Died extends Error {
  override readonly name = 'Died';
}

export class FaultyFileSystem implements FileSystem {
  readonly #real: FileSystem = systemFileSystem;
  #fault: Fault | undefined;
  #countdown = 0;
  #only: string | undefined;
  /** The call that went wrong; `undefined` while none did. */
  failed: string | undefined;
  readonly #open = new Set<number>();
  #life: 'alive' | 'dead' | 'buried' = 'alive';

  /** Every call that was made, in order. */
  readonly calls: string[] = [];
  /** Runs before each call, so that a test can step in between two of them. */
  beforeCall: (call: string) => void = () => {};
  /** The file that pretends to lie on another file system. */
  foreignInode: bigint | undefined;

  /** Files and folders that are open. */
  get openCount(): number {
    return this.#open.size;
  }

  /**
   * Ends the process that uses it, as far as files know: what it has open is closed, and no call of
   * it does anything any more, but throws {@link Died}.
   */
  die(): Died {
    this.#life = 'dead';
    for (const descriptor of this.#open) this.#real.close(descriptor);
    this.#open.clear();
    return new Died('the process was killed');
  }

  /** After the death, so that what is left of the process can be cleared away: calls fail. */
  bury(): void {
    this.#life = 'buried';
  }

  /** Lets the `nth` call from now go wrong, counting from 0; with `only`, the nth of that name. */
  arm(fault: Fault, nth: number, only?: string): void {
    this.#fault = fault;
    this.#countdown = nth;
    this.#only = only;
    this.failed = undefined;
  }

  disarm(): void {
    this.#fault = undefined;
  }

  open(path: string, flags: number, mode: number): number {
    return this.#opening('open', () => this.#real.open(path, flags, mode));
  }
  openat(folder: number, name: string, flags: number): number {
    return this.#opening('openat', () => this.#real.openat(folder, name, flags));
  }
  openat2(folder: number, path: string, flags: number, resolve: number): number {
    return this.#opening('openat2', () => this.#real.openat2(folder, path, flags, resolve));
  }
  readlinkat(folder: number, name: string): string {
    this.#before('readlinkat');
    return this.#real.readlinkat(folder, name);
  }
  fstat(descriptor: number) {
    this.#before('fstat');
    const status = this.#real.fstat(descriptor);
    if (status.identity.inode !== this.foreignInode) return status;
    return { ...status, identity: { ...status.identity, device: status.identity.device + 1n } };
  }
  statat(folder: number, name: string) {
    this.#before('statat');
    return this.#real.statat(folder, name);
  }
  pread(descriptor: number, bytes: Uint8Array, position: number): number {
    return this.#real.pread(descriptor, this.#cut('pread', bytes), position);
  }
  pwrite(descriptor: number, bytes: Uint8Array, position: number): number {
    return this.#real.pwrite(descriptor, this.#cut('pwrite', bytes), position);
  }
  /** No test of faults can see whether a sync took place, and hundreds of them take seconds. */
  fsync(_descriptor: number): void {
    this.#before('fsync');
  }
  fdatasync(_descriptor: number): void {
    this.#before('fdatasync');
  }
  fdatasyncLater = toldLater(() => this.#before('fdatasyncLater'));
  ftruncate(descriptor: number, size: number): void {
    this.#before('ftruncate');
    this.#real.ftruncate(descriptor, size);
  }
  syncfs(_descriptor: number): void {
    this.#before('syncfs');
  }
  exchangeat(from: number, fromName: string, to: number, toName: string): void {
    this.#before('exchangeat');
    this.#real.exchangeat(from, fromName, to, toName);
  }
  renameUnlessTakenat(from: number, fromName: string, to: number, toName: string): void {
    this.#before('renameUnlessTakenat');
    this.#real.renameUnlessTakenat(from, fromName, to, toName);
  }
  lock(descriptor: number): void {
    this.#before('lock');
    this.#real.lock(descriptor);
  }
  fchmod(descriptor: number, mode: number): void {
    this.#before('fchmod');
    this.#real.fchmod(descriptor, mode);
  }
  fchown(descriptor: number, user: number, group: number): void {
    this.#before('fchown');
    this.#real.fchown(descriptor, user, group);
  }
  /** The descriptor is gone whatever close says, as on Linux. */
  close(descriptor: number): void {
    // The kernel has closed all that a dead process had open.
    if (this.#life !== 'alive') return;
    this.#real.close(descriptor);
    this.#open.delete(descriptor);
    this.#before('close');
  }
  mkdirat(folder: number, name: string, mode: number): void {
    this.#before('mkdirat');
    this.#real.mkdirat(folder, name, mode);
  }
  renameat(from: number, fromName: string, to: number, toName: string): void {
    this.#before('renameat');
    this.#real.renameat(from, fromName, to, toName);
  }
  linkat(from: number, fromName: string, to: number, toName: string): void {
    this.#before('linkat');
    this.#real.linkat(from, fromName, to, toName);
  }
  unlinkat(folder: number, name: string): void {
    this.#before('unlinkat');
    this.#real.unlinkat(folder, name);
  }
  rmdirat(folder: number, name: string): void {
    this.#before('rmdirat');
    this.#real.rmdirat(folder, name);
  }
  readdir(path: string): string[] {
    this.#before('readdir');
    return this.#real.readdir(path);
  }

  #opening(call: string, run: () => number): number {
    this.#before(call);
    const descriptor = run();
    this.#open.add(descriptor);
    return descriptor;
  }

  #cut(call: string, bytes: Uint8Array): Uint8Array {
    const short = this.#before(call);
    return short ? bytes.subarray(0, Math.ceil(bytes.length / 2)) : bytes;
  }

  /** Throws when this call is the one; returns whether it is to be short instead. */
  #before(call: string): boolean {
    if (this.#life === 'dead') throw new Died(`${call} of a process that was killed`);
    if (this.#life === 'buried') throw new FileError('EBADF', call);
    this.calls.push(call);
    this.beforeCall(call);
    if (this.#fault === undefined) return false;
    if (this.#only !== undefined && this.#only !== call) return false;
    if (this.#fault === 'short' && call !== 'pread' && call !== 'pwrite') return false;
    this.#countdown -= 1;
    if (this.#countdown >= 0) return false;
    const fault = this.#fault;
    this.#fault = undefined;
    this.failed = call;
    if (fault === 'short') return true;
    throw new FileError(fault, call);
  }
}
