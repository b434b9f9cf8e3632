/** Edits that a disaster is to meet, one at a time, and what must be there after it. */

import { EditLoad, samplePage } from '../../bench/torture/edit-load.ts';
import { makePages, type Site } from '../../bench/torture/site.ts';
import { idempotencyKeyField } from '../../src/client/repetition.ts';

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
  const init = created ? { method: 'POST', body: samplePage } : { method: 'DELETE' };
  const edited = new Map<string, 'acknowledged' | 'unknown'>();
  let begun = 0;
  /** Sends the edit, each time under the same key; `undefined` when the server is gone. */
  const send = async (port: number, target: string): Promise<Response | undefined> => {
    const headers = { 'Content-Type': 'text/html', [idempotencyKeyField]: `"${target}"` };
    try {
      return await fetch(`http://127.0.0.1:${port}${target}`, {
        ...init,
        headers,
        keepalive: false,
      });
    } catch {
      return undefined;
    }
  };
  return {
    async edit(port) {
      const number = begun;
      begun += 1;
      const target = created ? `/made-${number}/in/new.html` : (targets[number] ?? '/');
      edited.set(target, 'unknown');
      const answer = await send(port, target);
      if (answer?.ok !== true) return false;
      edited.set(target, 'acknowledged');
      return true;
    },
    async faults(port) {
      const faults: string[] = [];
      for (const [target, outcome] of edited) {
        const found = await fetch(`http://127.0.0.1:${port}${target}`, { keepalive: false });
        const text = await found.text();
        const isThere = found.status === 200;
        const isDone = isThere === created;
        if (isThere ? text !== samplePage : found.status !== 404) {
          faults.push(`torn: ${target}: ${found.status} ${JSON.stringify(text)}`);
        } else if (outcome === 'acknowledged' && !isDone) {
          faults.push(`lost: ${target}: the ${name} was acknowledged`);
        }
        const again = await send(port, target);
        const isReplayed = again?.headers.has('Idempotency-Replayed');
        if (again?.ok !== true || isReplayed !== isDone) {
          const what = `${again?.status}, replayed is ${isReplayed}`;
          faults.push(`${target}: done is ${isDone}, and sent again it is ${what}`);
        }
        // From now on it is known.
        edited.set(target, 'acknowledged');
      }
      return faults;
    },
  };
}
