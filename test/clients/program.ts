/** Other people's programs as the tests run them: to their end, within a time, output in hand. */

/** How long one run may take, milliseconds; what is slower hangs. */
const RUN_MS = 15_000;

export interface Ran {
  readonly status: number;
  readonly output: Uint8Array;
  /** The output as text. */
  readonly text: string;
  readonly errors: string;
}

/** Runs a program to its end; its exit status is judged by the caller. */
export async function run(command: readonly string[], input = ''): Promise<Ran> {
  const child = Bun.spawn([...command], {
    stdin: new TextEncoder().encode(input),
    stdout: 'pipe',
    stderr: 'pipe',
    timeout: RUN_MS,
    env: withoutProxies(),
  });
  const [output, errors, status] = await Promise.all([
    new Response(child.stdout).bytes(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { status, output, text: new TextDecoder().decode(output), errors };
}

/** The environment, but nothing in it that would lead a client to a proxy. */
export function withoutProxies(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/_proxy$/i.test(name)));
}

/** Content of which every part differs from every other, so that a misplaced part shows. */
export function counted(bytes: number): string {
  const lines = Array.from({ length: Math.ceil(bytes / 16) }, (_, n) =>
    String(n).padStart(15, '0'),
  );
  return `${lines.join('\n')}\n`.slice(0, bytes);
}
