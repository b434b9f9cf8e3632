/** A seeded mix of requests for a page: reads, inserts, replacements, creations, removals. */

import { assert } from '../../src/base/assert.ts';
import { latin1Bytes } from '../../src/base/bytes.ts';
import type { FieldLine } from '../../src/http/message.ts';
import type { Mark } from '../../src/load/history/history.ts';
import type { Ask } from '../../src/load/verify/asker.ts';
import type { Choice } from '../torture/rounds.ts';
import type { Request } from './page-history.ts';
import type { TaggedPage } from './page-log.ts';
import { pageText } from './page-text.ts';

/** A request as it is sent, and as it is kept. */
export interface Asking {
  readonly request: Request;
  readonly ask: Ask;
}

const kinds = {
  read: 26,
  put: 16,
  patch: 12,
  'patch-if-same': 8,
  'replace-if-same': 14,
  'create-if-missing': 8,
  replace: 2,
  'remove-if-same': 8,
  remove: 2,
} as const;

type Kind = keyof typeof kinds;

const total = Object.values(kinds).reduce((sum, weight) => sum + weight, 0);

/**
 * @param known the version that a condition is to name; without one the page is read instead
 * @param mark what the edit brings, if it brings something
 */
export function askingOf(
  choice: Choice,
  target: string,
  known: TaggedPage | undefined,
  mark: Mark,
): Asking {
  const kind = kindOf(choice);
  const isConditional = kind.endsWith('-if-same');
  if (kind === 'read' || (isConditional && known === undefined)) {
    return { request: { kind: 'read' }, ask: { method: 'GET', target } };
  }
  if (kind === 'create-if-missing') {
    const request = { kind: 'replace', mark, condition: { kind: 'missing' } } as const;
    return { request, ask: replacing(target, mark, [['If-None-Match', '*']]) };
  }
  const same = isConditional ? known : undefined;
  const condition = same && ({ condition: { kind: 'is', page: same.page } } as const);
  const fields: FieldLine[] = same === undefined ? [] : [['If-Match', same.tag]];
  switch (kind) {
    case 'put':
    case 'patch':
    case 'patch-if-same': {
      const method = kind === 'put' ? 'PUT' : 'PATCH';
      const content = latin1Bytes(String(mark));
      const type: FieldLine = ['Content-Type', 'text/plain'];
      const ask = { method, target, fields: [type, ...fields], content };
      return { request: { kind: 'insert', mark, ...condition }, ask };
    }
    case 'replace':
    case 'replace-if-same':
      return {
        request: { kind: 'replace', mark, ...condition },
        ask: replacing(target, mark, fields),
      };
    default:
      return {
        request: { kind: 'remove', ...condition },
        ask: { method: 'DELETE', target, fields },
      };
  }
}

function replacing(target: string, mark: Mark, fields: readonly FieldLine[]): Ask {
  const type: FieldLine = ['Content-Type', 'text/html'];
  return {
    method: 'POST',
    target,
    fields: [type, ...fields],
    content: latin1Bytes(pageText(mark)),
  };
}

function kindOf(choice: Choice): Kind {
  let left = choice.below(total);
  for (const kind of Object.keys(kinds)) {
    if (!isKind(kind)) continue;
    left -= kinds[kind];
    if (left < 0) return kind;
  }
  assert(false, 'weights add up');
}

function isKind(name: string): name is Kind {
  return Object.hasOwn(kinds, name);
}
