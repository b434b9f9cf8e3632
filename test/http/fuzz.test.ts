/**
 * Whatever bytes come, both sides of the codec give events or a `ProtocolError`, and the same ones
 * however the bytes are cut.
 */

import { expect, test } from 'bun:test';
import { latin1Bytes } from '../../src/base/bytes.ts';
import { protocolErrorCodes } from '../../src/http/protocol-error.ts';
import { Seeded, seedOfRun } from '../store/seeded.ts';
import { clientEvents, type Split, serverEvents } from './feed.ts';
import { mutate, noise, requests, responses } from './mutations.ts';

/** Inputs of each kind; `bun run fuzz` gives many more. */
const count = Number(process.env['INKWIRE_FUZZ_COUNT'] ?? 1_500);
/** Milliseconds; for the long run. */
const timeoutMs = 20_000 + count * 10;

const random = new Seeded(seedOfRun());
console.log(`codec fuzz: INKWIRE_SEED=${random.seed} INKWIRE_FUZZ_COUNT=${count}`);

function someSplit(length: number): Split {
  const offsets = Array.from({ length: random.below(6) }, () => random.below(length + 1));
  return offsets.sort((a, b) => a - b);
}

const codes: ReadonlySet<string> = new Set(protocolErrorCodes);

/** Feeds `raw` whole, byte by byte and in random cuts; throws where they differ. */
function check(raw: string, feed: (split: Split) => string[]): string[] {
  const whole = feed('whole');
  for (const split of ['bytes' as const, someSplit(raw.length), someSplit(raw.length)]) {
    const events = feed(split);
    if (Bun.deepEquals(events, whole)) continue;
    throw new Error(
      `${JSON.stringify(raw)} cut at ${JSON.stringify(split)} gives ${JSON.stringify(events)}, ` +
        `whole ${JSON.stringify(whole)}`,
    );
  }
  // After an error nothing more may come: what follows could be anybody's.
  const refusedAt = whole.findIndex((event) => codes.has(event));
  if (refusedAt !== -1 && refusedAt !== whole.length - 1) {
    throw new Error(`${JSON.stringify(raw)} goes on after an error: ${JSON.stringify(whole)}`);
  }
  return whole;
}

/** How many inputs gave a message, and which errors came. */
function run(inputs: () => string, feed: (raw: string, end: boolean, split: Split) => string[]) {
  let messages = 0;
  const errors = new Set<string>();
  for (let left = count; left > 0; left -= 1) {
    const raw = inputs();
    const end = random.below(2) === 0;
    const events = check(raw, (split) => feed(raw, end, split));
    if (events.includes('end') || events.includes('end reusable')) messages += 1;
    const last = events.at(-1) ?? '';
    if (codes.has(last)) errors.add(last);
  }
  return { messages, errors };
}

const asServer = (raw: string, end: boolean, split: Split): string[] =>
  serverEvents(latin1Bytes(raw), split, { end });
const asClient = (raw: string, end: boolean, split: Split): string[] =>
  clientEvents(['GET', 'HEAD', 'PUT'], raw, split, { end });

test(
  'a server reads mutated requests, one after the other',
  () => {
    const some = () =>
      mutate(
        random,
        Array.from({ length: 1 + random.below(3) }, () => random.pick(requests)).join(''),
      );
    const { messages, errors } = run(some, asServer);
    // Inputs that are all refused at once, or all taken, would prove nothing.
    expect(messages).toBeGreaterThan(count / 10);
    expect(errors.size).toBeGreaterThan(10);
  },
  timeoutMs,
);

test(
  'a client reads mutated responses, one after the other',
  () => {
    const some = () =>
      mutate(
        random,
        Array.from({ length: 1 + random.below(3) }, () => random.pick(responses)).join(''),
      );
    const { messages, errors } = run(some, asClient);
    expect(messages).toBeGreaterThan(count / 10);
    expect(errors.size).toBeGreaterThan(5);
  },
  timeoutMs,
);

test(
  'both read any bytes',
  () => {
    expect(run(() => noise(random), asServer).errors.size).toBeGreaterThan(2);
    expect(run(() => noise(random), asClient).errors.size).toBeGreaterThan(0);
  },
  timeoutMs,
);
