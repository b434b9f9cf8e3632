/** What a system test needs of the machine, and the words with which it says that it is missing. */

/** Why the test cannot run here; `undefined` when it can. */
export function missing(needs: { readonly root?: true; readonly programs?: readonly string[] }) {
  if (process.platform !== 'linux') return 'Linux';
  if (needs.root === true && process.getuid?.() !== 0) return 'root';
  return needs.programs?.find((program) => Bun.which(program) === null);
}

/** The test's name, with what is missing said in it. */
export function named(name: string, lack: string | undefined): string {
  return lack === undefined ? name : `${name} (skipped: needs ${lack})`;
}
