/** What `inkwire serve` is told, checked as a whole: flags as text in, one frozen object out. */

import { z } from 'zod';
import type { DispatchLimits } from '../dispatch/limits.ts';
import type { HeadLimits } from '../http/limits.ts';
import { type LimitFlags, limitOptions, takeLimits } from './limit-flags.ts';
import type { ServerLimits, StoreLimits } from './limits.ts';

const PORT_MAX = 65_535;
/** More threads than this only compete for the same cores. */
const WORKERS_MAX = 256;

export const semanticsNames = ['classic', 'standard'] as const;
export const durabilityNames = ['sync', 'none'] as const;
export const logNames = ['text', 'combined', 'json', 'off'] as const;

/** A whole number between `min` and `max`, as text. */
function count(flag: string, min: number, max: number) {
  const message = `${flag} takes a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^[0-9]{1,9}$/, message)
    .transform(Number)
    .refine((value) => value >= min && value <= max, message);
}

function oneOf<const T extends readonly [string, ...string[]]>(flag: string, names: T) {
  return z.enum(names, `${flag} takes ${names.slice(0, -1).join(', ')} or ${names.at(-1)}`);
}

/** Names separated by commas, without ports; `*` for every name. */
function hostList(flag: string) {
  const message = `${flag} takes names without a port, separated by commas, or *`;
  return z
    .string()
    .transform((text) => text.split(',').map((name) => name.trim().toLowerCase()))
    .refine(
      (names) => names.every((name) => /^(?:\*|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)$/.test(name)),
      message,
    );
}

/** Origins as browsers write them, separated by commas; `null` is what a page in a file has. */
function originList(flag: string) {
  const message = `${flag} takes origins such as http://localhost:5173, separated by commas`;
  return z
    .string()
    .transform((text) => text.split(',').map((origin) => origin.trim().toLowerCase()))
    .refine((origins) => origins.every((origin) => originPattern.test(origin)), message);
}

const originPattern = /^(?:null|https?:\/\/(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?)$/;

/** `/assets/*=max-age=31536000, immutable` */
function cacheRule(flag: string) {
  return z.string().transform((text, context) => {
    const match = /^(\/[^=\s]*)=([!-~](?:[ -~]*[!-~])?)$/.exec(text);
    const [, pattern, value] = match ?? [];
    if (pattern !== undefined && value !== undefined) return { pattern, value };
    const message = `${flag} takes a path pattern and a value, such as '/assets/*=max-age=3600'`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
}

const flagsSchema = z.strictObject({
  root: z.string().min(1, 'root takes the path of a folder'),
  host: z.string().min(1, '--host takes a name or an address'),
  port: count('--port', 0, PORT_MAX),
  workers: count('--workers', 1, WORKERS_MAX),
  semantics: oneOf('--semantics', semanticsNames),
  durability: oneOf('--durability', durabilityNames),
  log: oneOf('--log', logNames),
  startPage: z.boolean(),
  requireConditional: z.boolean().optional(),
  allowedHosts: hostList('--allowed-hosts').optional(),
  allowOrigin: originList('--allow-origin').optional(),
  cacheControl: z.array(cacheRule('--cache-control')).optional(),
});

/** The flags as the command line gives them. */
export type ServeFlags = z.input<typeof flagsSchema> & LimitFlags;

export interface ServeConfig {
  /** Path of the served folder, as it was given. */
  readonly root: string;
  readonly host: string;
  /** 0: one that is free. */
  readonly port: number;
  readonly workers: number;
  readonly semantics: (typeof semanticsNames)[number];
  readonly durability: (typeof durabilityNames)[number];
  readonly log: (typeof logNames)[number];
  readonly startPage: boolean;
  /** Whether a page is replaced or removed only under a condition. */
  readonly requireConditional: boolean;
  /** Names that it answers to beside those that can only be its own; in lower case. */
  readonly allowedHosts: readonly string[];
  /** Origins whose pages may read and edit. */
  readonly allowedOrigins: readonly string[];
  /** What `Cache-Control` says of pages by their path; the first that matches counts. */
  readonly cacheRules: readonly { readonly pattern: string; readonly value: string }[];
  readonly limits: ServerLimits;
  readonly headLimits: HeadLimits;
  readonly dispatchLimits: DispatchLimits;
  readonly storeLimits: StoreLimits;
  /** Pages that may be held open at once, while they are sent. */
  readonly openPagesMax: number;
}

/** So many large pages can be sent at once, however many connections are asked for. */
const DOWNLOADS_MIN = 64;

/**
 * @param files what the machine's file-descriptor limit allows for connections and downloads
 * @returns the configuration, or one sentence that says what is wrong and what was expected
 */
export function takeServeConfig(flags: ServeFlags, files: number): ServeConfig | string {
  const entries = Object.entries(flags);
  const others = entries.filter(([option]) => !limitOptions.has(option));
  const checked = flagsSchema.safeParse(Object.fromEntries(others));
  if (!checked.success) return checked.error.issues[0]?.message ?? 'the flags make no sense';
  const limits = takeLimits(Object.fromEntries(entries));
  if (typeof limits === 'string') return limits;
  const wanted = limits.server.connectionsMax;
  const allowed = Math.max(1, files - DOWNLOADS_MIN);
  if (flags.maxConnections !== undefined && wanted > allowed) {
    return `--max-connections is above the ${allowed} that the file-descriptor limit allows (see ulimit -n)`;
  }
  const { requireConditional, allowedHosts, allowOrigin, cacheControl, ...rest } = checked.data;
  // Unless somebody asks for more, each connection may have a page open as well.
  const isAsked = flags.maxConnections !== undefined;
  const connections = isAsked ? wanted : Math.min(wanted, Math.max(1, Math.floor(files / 2)));
  return Object.freeze({
    ...rest,
    requireConditional: requireConditional ?? false,
    allowedHosts: allowedHosts ?? [],
    allowedOrigins: allowOrigin ?? [],
    cacheRules: cacheControl ?? [],
    limits: Object.freeze({ ...limits.server, connectionsMax: connections }),
    headLimits: Object.freeze(limits.head),
    dispatchLimits: Object.freeze(limits.dispatch),
    storeLimits: Object.freeze(limits.store),
    openPagesMax: Math.max(1, files - connections),
  });
}
