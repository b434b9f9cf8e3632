/** The servers of the moment: started as a row asks for them, stopped when one needs others. */

import { join } from 'node:path';
import { type MeasuredServer, startInkwire, startNginxWith } from '../servers.ts';
import { type NginxVariant, nginxHttp } from './configurations.ts';

interface Standing {
  readonly key: string;
  readonly server: MeasuredServer | undefined;
}

export class Stage implements AsyncDisposable {
  #inkwire: Standing | undefined;
  #nginx: Standing | undefined;

  /**
   * @param root what is served
   * @param folder for the servers' own files
   * @param workers Inkwire's
   */
  constructor(
    readonly root: string,
    readonly folder: string,
    readonly workers: number,
  ) {}

  /**
   * Inkwire with these flags, the one that stands where it has them. There is one at a time, since
   * a folder is served by one only.
   */
  async inkwire(...flags: readonly string[]): Promise<MeasuredServer> {
    const key = flags.join(' ');
    if (this.#inkwire?.key === key && this.#inkwire.server !== undefined) {
      return this.#inkwire.server;
    }
    await this.stopInkwire();
    const server = await startInkwire(this.root, this.workers, flags);
    this.#inkwire = { key, server };
    return server;
  }

  /** The next one is a new process, with memory in which nothing was done yet. */
  async stopInkwire(): Promise<void> {
    const standing = this.#inkwire;
    this.#inkwire = undefined;
    await standing?.server?.[Symbol.asyncDispose]();
  }

  /** `undefined` where nginx is not installed. */
  async nginx(variant: NginxVariant): Promise<MeasuredServer | undefined> {
    const key = JSON.stringify(variant);
    if (this.#nginx?.key === key) return this.#nginx.server;
    await this.#stopNginx();
    const http = (port: number): string => nginxHttp({ port, root: this.root }, variant);
    const server = await startNginxWith(http, join(this.folder, 'nginx'));
    this.#nginx = { key, server };
    return server;
  }

  async #stopNginx(): Promise<void> {
    const standing = this.#nginx;
    this.#nginx = undefined;
    await standing?.server?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.stopInkwire(), this.#stopNginx()]);
  }
}
