/** Edits that a disaster is to meet, one at a time, and what must be there after it. */

import { EditLoad, samplePage } from '../../bench/torture/edit-load.ts';
import { makePages, type Site } from '../../bench/torture/site.ts';

/** One kind of edit, done again and again. */
export interface Trial {
  /** Does the next edit; whether it was acknowledged. */
  edit(port: number): Promise<boolean>;
  /** What is wrong now that the server is back, in words. */
  faults(port: number): Promise<readonly string[]>;
}

export type TrialName = 'insert' | 'create' | 'remove';

/** Prepares a trial on a server that does as it should. */
export async function startTrial(name: TrialName, site: Site, port: number): Promise<Trial> {
  const targets = makePages(site, pagesOf[name]);
  const trial =
    name === 'insert' ? await insertTrial(port, targets) : wholePageTrial(name, targets);
  site.flush();
  return trial;
}

/** A page for each removal: more than an edit has system calls. */
const pagesOf: Readonly<Record<TrialName, number>> = { insert: 2, create: 1, remove: 30 };

async function insertTrial(port: number, targets: readonly string[]): Promise<Trial> {
  const load = await EditLoad.learn(port, targets);
  return {
    edit: (at) => load.insertOnce(at),
    faults: async (at) => (await load.findings(at)).faults,
  };
}

/**
 * Each edit makes a page, in a folder that it makes as well, or removes one. The page is there
 * whole or not at all, and if the edit was acknowledged, it is known which.
 */
function wholePageTrial(name: 'create' | 'remove', targets: readonly string[]): Trial {
  const created = name === 'create';
  const edited = new Map<string, 'acknowledged' | 'unknown'>();
  let begun = 0;
  return {
    async edit(port) {
      const number = begun;
      begun += 1;
      const target = created ? `/made-${number}/in/new.html` : (targets[number] ?? '/');
      edited.set(target, 'unknown');
      const init = created ? { method: 'POST', body: samplePage } : { method: 'DELETE' };
      try {
        const { status } = await fetch(`http://127.0.0.1:${port}${target}`, {
          ...init,
          headers: { 'Content-Type': 'text/html' },
          keepalive: false,
        });
        if (status >= 300) return false;
      } catch {
        // The server is gone.
        return false;
      }
      edited.set(target, 'acknowledged');
      return true;
    },
    async faults(port) {
      const faults: string[] = [];
      for (const [target, outcome] of edited) {
        const found = await fetch(`http://127.0.0.1:${port}${target}`, { keepalive: false });
        const text = await found.text();
        const isThere = found.status === 200;
        const isAsMeant = isThere === created;
        if (isThere ? text !== samplePage : found.status !== 404) {
          faults.push(`torn: ${target}: ${found.status} ${JSON.stringify(text)}`);
        } else if (outcome === 'acknowledged' && !isAsMeant) {
          faults.push(`lost: ${target}: the ${name} was acknowledged`);
        }
        // From now on it is known.
        if (isAsMeant) edited.set(target, 'acknowledged');
        else edited.delete(target);
      }
      return faults;
    },
  };
}
