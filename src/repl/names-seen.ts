/** The paths that requests and answers have named, for completion: the newest first, bounded. */

import type { ResponseHead } from '../http/message.ts';

/** Paths that are kept. Completion looks at each of them. */
export const namesMax = 1_000;

export class NamesSeen {
  /** In a set the order is that of arrival, so the oldest is the first. */
  readonly #paths = new Set<string>();

  /** Newest first. */
  get list(): readonly string[] {
    return [...this.#paths].reverse();
  }

  /** Remembers the path of a request target as it was typed; `*` and addresses are no paths. */
  addTarget(target: string): void {
    if (!target.startsWith('/')) return;
    this.#paths.delete(target);
    this.#paths.add(target);
    if (this.#paths.size <= namesMax) return;
    for (const oldest of this.#paths) {
      this.#paths.delete(oldest);
      return;
    }
  }

  /** Remembers what an answer names: `Location` and `Content-Location` on the same server. */
  addAnswer(head: ResponseHead, authority: string): void {
    for (const field of ['location', 'content-location']) {
      const value = head.fields.only(field);
      if (value === undefined || value.startsWith('//')) continue;
      const prefix = `http://${authority}/`;
      this.addTarget(value.startsWith(prefix) ? value.slice(prefix.length - 1) : value);
    }
  }
}
