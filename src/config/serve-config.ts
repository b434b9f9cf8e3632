/** What `inkwire serve` is told, checked as a whole: flags as text in, one frozen object out. */

import { z } from 'zod';
import { defaultServerLimits, type ServerLimits } from './limits.ts';
import { takeDurationMs } from './units.ts';

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

function duration(flag: string) {
  return z.string().transform((text, context): number => {
    const ms = takeDurationMs(text);
    if (ms !== undefined && ms > 0) return ms;
    context.addIssue({ code: 'custom', message: `${flag} takes a duration such as 10s or 500ms` });
    return z.NEVER;
  });
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
  allowedHosts: hostList('--allowed-hosts').optional(),
  allowOrigin: originList('--allow-origin').optional(),
  cacheControl: z.array(cacheRule('--cache-control')).optional(),
  maxConnections: count('--max-connections', 1, 1_000_000).optional(),
  headerTimeout: duration('--header-timeout').optional(),
  idleTimeout: duration('--idle-timeout').optional(),
  jobTimeout: duration('--job-timeout').optional(),
});

/** The flags as the command line gives them. */
export type ServeFlags = z.input<typeof flagsSchema>;

export interface ServeConfig {
  /** Path of the served folder, as it was given. */
  readonly root: string;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly workers: number;
  readonly semantics: (typeof semanticsNames)[number];
  readonly durability: (typeof durabilityNames)[number];
  readonly log: (typeof logNames)[number];
  readonly startPage: boolean;
  /** Names that it answers to beside those that can only be its own; in lower case. */
  readonly allowedHosts: readonly string[];
  /** Origins whose pages may read and edit. */
  readonly allowedOrigins: readonly string[];
  /** What `Cache-Control` says of pages by their path; the first that matches counts. */
  readonly cacheRules: readonly { readonly pattern: string; readonly value: string }[];
  readonly limits: ServerLimits;
  /** How long a job of a page may take; `undefined`: the dispatcher's default. */
  readonly jobDeadlineMs: number | undefined;
}

/**
 * @param connectionsMax what the machine's file-descriptor limit allows
 * @returns the configuration, or one sentence that says what is wrong and what was expected
 */
export function takeServeConfig(flags: ServeFlags, connectionsMax: number): ServeConfig | string {
  const checked = flagsSchema.safeParse(flags);
  if (!checked.success) return checked.error.issues[0]?.message ?? 'the flags make no sense';
  const {
    maxConnections,
    headerTimeout,
    idleTimeout,
    jobTimeout,
    allowedHosts,
    allowOrigin,
    cacheControl,
    ...rest
  } = checked.data;
  if (maxConnections !== undefined && maxConnections > connectionsMax) {
    return `--max-connections is above the ${connectionsMax} that the file-descriptor limit allows (see ulimit -n)`;
  }
  const defaults = defaultServerLimits;
  const limits: ServerLimits = {
    ...defaults,
    connectionsMax: maxConnections ?? Math.min(defaults.connectionsMax, connectionsMax),
    headerTimeoutMs: headerTimeout ?? defaults.headerTimeoutMs,
    idleTimeoutMs: idleTimeout ?? defaults.idleTimeoutMs,
  };
  return Object.freeze({
    ...rest,
    allowedHosts: allowedHosts ?? [],
    allowedOrigins: allowOrigin ?? [],
    cacheRules: cacheControl ?? [],
    limits: Object.freeze(limits),
    jobDeadlineMs: jobTimeout,
  });
}
