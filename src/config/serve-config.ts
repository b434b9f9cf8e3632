/** What `inkwire serve` is told, checked as a whole: flags as text in, one frozen object out. */

import type { DispatchLimits } from '../dispatch/limits.ts';
import type { HeadLimits } from '../http/limits.ts';
import {
  BadFlag,
  type CacheRule,
  takeCacheRule,
  takeCount,
  takeHosts,
  takeOneOf,
  takeOrigins,
  takeText,
} from './flag-values.ts';
import { type LimitFlags, takeLimits } from './limit-flags.ts';
import type { ServerLimits, StoreLimits } from './limits.ts';

const PORT_MAX = 65_535;
/** More threads than this only compete for the same cores. */
const WORKERS_MAX = 256;

export const semanticsNames = ['classic', 'standard'] as const;
export const durabilityNames = ['sync', 'none'] as const;
export const logNames = ['text', 'combined', 'json', 'off'] as const;

/** The flags as the command line gives them. */
export type ServeFlags = LimitFlags & {
  readonly root: string;
  readonly host: string;
  readonly port: string;
  readonly workers: string;
  readonly semantics: string;
  readonly durability: string;
  readonly log: string;
  readonly startPage: boolean;
  readonly requireConditional?: boolean | undefined;
  readonly allowedHosts?: string | undefined;
  readonly allowOrigin?: string | undefined;
  readonly cacheControl?: readonly string[] | undefined;
};

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
  readonly cacheRules: readonly CacheRule[];
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
  try {
    return Object.freeze(checkedConfig(flags, files));
  } catch (error) {
    if (error instanceof BadFlag) return error.message;
    throw error;
  }
}

/** Throws `BadFlag` for the first of the flags that is none. */
function checkedConfig(flags: ServeFlags, files: number): ServeConfig {
  const own = {
    root: takeText(flags.root, 'root takes the path of a folder'),
    host: takeText(flags.host, '--host takes a name or an address'),
    port: takeCount('--port', flags.port, 0, PORT_MAX),
    workers: takeCount('--workers', flags.workers, 1, WORKERS_MAX),
    semantics: takeOneOf('--semantics', flags.semantics, semanticsNames),
    durability: takeOneOf('--durability', flags.durability, durabilityNames),
    log: takeOneOf('--log', flags.log, logNames),
    startPage: flags.startPage,
    requireConditional: flags.requireConditional ?? false,
    allowedHosts: whereGiven(flags.allowedHosts, (text) => takeHosts('--allowed-hosts', text)),
    allowedOrigins: whereGiven(flags.allowOrigin, (text) => takeOrigins('--allow-origin', text)),
    cacheRules: (flags.cacheControl ?? []).map((text) => takeCacheRule('--cache-control', text)),
  };
  const limits = takeLimits(flags);
  if (typeof limits === 'string') throw new BadFlag(limits);
  const wanted = limits.server.connectionsMax;
  const allowed = Math.max(1, files - DOWNLOADS_MIN);
  if (flags.maxConnections !== undefined && wanted > allowed) {
    throw new BadFlag(
      `--max-connections is above the ${allowed} that the file-descriptor limit allows (see ulimit -n)`,
    );
  }
  // Unless somebody asks for more, each connection may have a page open as well.
  const isAsked = flags.maxConnections !== undefined;
  const connections = isAsked ? wanted : Math.min(wanted, Math.max(1, Math.floor(files / 2)));
  return {
    ...own,
    limits: Object.freeze({ ...limits.server, connectionsMax: connections }),
    headLimits: Object.freeze(limits.head),
    dispatchLimits: Object.freeze(limits.dispatch),
    storeLimits: Object.freeze(limits.store),
    openPagesMax: Math.max(1, files - connections),
  };
}

function whereGiven(text: string | undefined, take: (text: string) => string[]): string[] {
  return text === undefined ? [] : take(text);
}
