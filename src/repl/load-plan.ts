/**
 * From a line of `:repeat` to the plan of a load: templates of its requests, and its files read.
 */

import { takeUtf8 } from '../base/bytes.ts';
import type { Endpoint } from '../client/exchange.ts';
import type { FieldLine } from '../http/message.ts';
import type { LoadPlan, RequestTemplate } from '../load/load.ts';
import { visibleLine } from './display.ts';
import { type Problem, problem } from './language.ts';
import { type MixLine, mixFileBytesMax, parseMix } from './mix.ts';
import type { RepeatLine, RepeatSource } from './repeat.ts';
import { loadContent, templateOf } from './request.ts';
import { readSourceFile } from './source-file.ts';

/** What a session knows beyond the line. */
export interface PlanContext {
  readonly endpoint: Endpoint;
  /** Fields that go with every request. */
  readonly standing: readonly FieldLine[];
  /** For a line that says nothing of it, milliseconds. */
  readonly timeoutMs: number;
  readonly commandNames: readonly string[];
  /** For a line that says nothing of it: how often a request may be sent again. */
  readonly retry: number;
  /** What the keys of the run's writes begin with; absent: they go without. */
  readonly keyPrefix?: string;
}

/** The plan, or what is wrong with a file that the line names. */
export async function loadPlan(
  line: RepeatLine,
  context: PlanContext,
): Promise<{ readonly kind: 'plan'; readonly plan: LoadPlan } | Problem> {
  const { extent, connections, rate, rampMs, pipeline, warmupMs, keepAlive, threads } = line;
  const requests = await readTemplates(line, context);
  if ('kind' in requests) return requests;
  const plan: LoadPlan = {
    endpoint: context.endpoint,
    requests,
    extent,
    connections,
    ...(rate !== undefined && { rate }),
    rampMs,
    pipeline,
    warmupMs,
    keepAlive,
    timeoutMs: line.timeoutMs ?? context.timeoutMs,
    threads,
  };
  return { kind: 'plan', plan };
}

async function readTemplates(
  line: RepeatLine,
  context: PlanContext,
): Promise<readonly RequestTemplate[] | Problem> {
  const lines = await readLines(line.source, context.commandNames);
  if ('kind' in lines) return lines;
  const templates: RequestTemplate[] = [];
  const { endpoint, standing, keyPrefix } = context;
  // A UUID for each request would cost more; its number is its own in the run, over all threads.
  const key = keyPrefix === undefined || line.noKey ? undefined : `${keyPrefix}-{{n}}`;
  for (const { request, weight, expects = line.expects } of lines) {
    const content = await loadContent(request.content);
    if (content.kind === 'problem') return content;
    const template = templateOf(request, content, endpoint.authority, standing, key);
    const retry = request.retry ?? line.retry ?? context.retry;
    templates.push({
      ...template,
      weight,
      ...(expects !== undefined && { expects }),
      ...(retry > 0 && { retry }),
    });
  }
  return templates;
}

async function readLines(
  source: RepeatSource,
  commandNames: readonly string[],
): Promise<readonly MixLine[] | Problem> {
  if (source.kind === 'request') return [{ weight: 1, request: source.request }];
  const bytes = await readSourceFile(source.path, mixFileBytesMax);
  if (typeof bytes === 'string') return problem(`${bytes}; expected a mix of requests`);
  const text = takeUtf8(bytes);
  if (text === undefined) return problem(`${visibleLine(source.path)} is no text in UTF-8`);
  return parseMix(text, source.path, commandNames);
}
