/**
 * A session with one server at a time: takes lines one by one, does what they say, shows what came
 * of it, and says in one word how it went. It knows no prompt, so terminals and files drive it
 * alike.
 */

import { unreachable } from '../base/assert.ts';
import { parseEndpoint } from '../client/endpoint.ts';
import type { Endpoint } from '../client/exchange.ts';
import { isReplayed, isSafe } from '../client/repetition.ts';
import type { FieldLine } from '../http/message.ts';
import { hasFailed } from '../load/report/thresholds.ts';
import { startLoad } from '../load/start-load.ts';
import { startVerify } from '../load/verify/campaign.ts';
import {
  type Action,
  type CommandContext,
  commandNames,
  commands,
  findCommand,
  type Outcome,
  serverUrl,
} from './commands.ts';
import type { Vocabulary } from './completion.ts';
import { visibleLine } from './display.ts';
import { failureLine, keyAdvice, loadUnconnectedLine } from './failure.ts';
import type { History } from './history.ts';
import { type ParsedLine, type Problem, parseLine, type RequestLine } from './language.ts';
import { loadPlan } from './load-plan.ts';
import { NamesSeen } from './names-seen.ts';
import { PageMemory } from './page-memory.ts';
import { watchLoad } from './progress.ts';
import { renderResponse } from './render.ts';
import { doubtContent, type RepeatLine } from './repeat.ts';
import { reportText } from './report-view.ts';
import { type LoadedContent, loadContent } from './request.ts';
import { Sender, type SenderOptions, type Sent } from './sender.ts';
import { hasMetChange, planUndo, type Send } from './undo.ts';
import { type VerifyLine, verifyPlan } from './verify.ts';
import { hasHeld, verdictText, watchVerify } from './verify-view.ts';

export interface SessionOptions extends SenderOptions {
  readonly endpoint: Endpoint;
  /** Whether a status of 400 or more counts as failure. */
  readonly fail: boolean;
  readonly history: History;
}

/** A line that was understood: what it will do. */
type Understood = Problem | { readonly kind: 'action'; readonly run: Action };

const replayedLine =
  'note: this is the answer of an earlier try under the same key; nothing was done now';
const metChangeLine = 'not undone: somebody else has changed the page in this moment';
const surplusLine = 'note: bytes followed that belong to no response; the connection was left';

/** A status from here on is a failure under `--fail`. */
const failureStatusMin = 400;

export class Session implements CommandContext {
  readonly #options: SessionOptions;
  readonly #names = new NamesSeen();
  readonly #servers = new Set<string>();
  readonly #memory = new PageMemory();
  #sender: Sender;
  #standing: FieldLine[] = [];
  /** Stops what runs; `undefined` while nothing does. */
  #stop: (() => void) | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#sender = this.#connectTo(options.endpoint);
    for (const line of options.history.lines) this.#learn(parseLine(line, commandNames));
  }

  get endpoint(): Endpoint {
    return this.#sender.endpoint;
  }

  get standing(): readonly FieldLine[] {
    return this.#standing;
  }

  get historyLines(): readonly string[] {
    return this.#options.history.lines;
  }

  get vocabulary(): Vocabulary {
    return {
      commands,
      names: this.#names.list,
      servers: [...this.#servers],
      standing: this.#standing.map(([name]) => name),
    };
  }

  /** What is wrong with `line`, without doing anything; `undefined` when it can be run. */
  check(line: string): string | undefined {
    const understood = this.#understand(line);
    return understood.kind === 'problem' ? understood.message : undefined;
  }

  /** Does what `line` says. It never rejects: a fault of this program is one line too. */
  async run(line: string): Promise<Outcome> {
    try {
      const understood = this.#understand(line);
      if (understood.kind === 'problem') return await this.#refuse(understood);
      return await understood.run(this);
    } catch (error) {
      const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      await this.#options.output.complain(`a fault of inkwire itself: ${visibleLine(said)}`);
      return 'failed';
    } finally {
      this.#stop = undefined;
    }
  }

  /** Stops the request or load that runs; returns whether there was one. */
  interrupt(): boolean {
    this.#stop?.();
    return this.#stop !== undefined;
  }

  close(): void {
    this.#sender.close();
  }

  async show(lines: readonly string[]): Promise<Outcome> {
    return this.#answer(lines.map((line) => `${line}\n`).join(''), 'completed');
  }

  open(endpoint: Endpoint): void {
    this.#sender.close();
    this.#sender = this.#connectTo(endpoint);
    this.#memory.clear();
  }

  setStanding(field: FieldLine): void {
    this.removeStanding(field[0]);
    this.#standing.push(field);
  }

  removeStanding(name: string): boolean {
    const kept = this.#standing.filter(([other]) => other.toLowerCase() !== name.toLowerCase());
    const removed = kept.length < this.#standing.length;
    this.#standing = kept;
    return removed;
  }

  async repeat(line: RepeatLine): Promise<Outcome> {
    const { clock, random, timeoutMs, output, fail, retry = 0 } = this.#options;
    const { endpoint, standing } = this;
    const keyPrefix = this.#sender.newKey();
    const planned = await loadPlan(line, {
      endpoint,
      standing,
      timeoutMs,
      commandNames,
      retry,
      ...(keyPrefix !== undefined && { keyPrefix }),
    });
    if (planned.kind === 'problem') return this.#refuse(planned);
    const doubt = doubtContent(line);
    if (doubt !== undefined) await output.complain(doubt);
    if (!planned.plan.requests.every(({ method }) => isSafe(method))) this.#memory.clear();
    const run = startLoad(planned.plan, clock, random);
    this.#stop = () => run.cancel();
    const report = await watchLoad(run, output, clock);
    if (report.completed > 0 && line.source.kind === 'request') {
      this.#names.addTarget(line.source.request.target);
    }
    if (report.completed === 0 && report.byFailure.has('connect')) {
      const reason = report.reasons.get('connect') ?? 'no connection';
      await output.complain(loadUnconnectedLine(endpoint, reason));
    }
    const outcome = hasFailed(report, line.thresholds, fail) ? 'failed' : 'completed';
    return this.#answer(reportText(report, line, output), outcome);
  }

  async verify(line: VerifyLine): Promise<Outcome> {
    const { clock, random, timeoutMs, output } = this.#options;
    const { endpoint, standing } = this;
    this.#memory.clear();
    const plan = verifyPlan(line, endpoint, standing, timeoutMs, this.#sender.newKey());
    const run = startVerify(plan, clock, random);
    this.#stop = () => run.cancel();
    const report = await watchVerify(run, output, clock);
    if (report.kind === 'problem') {
      const { unconnected, message } = report;
      await output.complain(
        unconnected ? loadUnconnectedLine(endpoint, message) : visibleLine(message),
      );
      return 'failed';
    }
    this.#names.addTarget(line.target);
    const text = verdictText(report, line.json, output.columns());
    return this.#answer(text, hasHeld(report) ? 'completed' : 'failed');
  }

  async undo(target: string | undefined): Promise<Outcome> {
    const { output } = this.#options;
    const send: Send = (line, content) => this.#send(line, content);
    const plan = await planUndo(this.#memory.lastWrite(target), target, send);
    switch (plan.kind) {
      case 'refused':
        await output.complain(`not undone: ${visibleLine(plan.why)}`);
        return 'failed';
      case 'unread':
        return await this.#tell(plan.sent, true);
      case 'write': {
        await output.complain(`note: ${visibleLine(plan.said)}`);
        const sent = await this.#send(plan.line, plan.content);
        const outcome = await this.#tell(sent, true);
        if (hasMetChange(sent)) await output.complain(metChangeLine);
        return outcome;
      }
      default:
        return unreachable(plan);
    }
  }

  #understand(line: string): Understood {
    const parsed = parseLine(line, commandNames);
    switch (parsed.kind) {
      case 'problem':
        return parsed;
      case 'nothing':
        return { kind: 'action', run: async () => 'completed' };
      case 'request':
        return { kind: 'action', run: () => this.#exchange(parsed) };
      case 'command': {
        const action = findCommand(parsed.name)?.prepare(parsed.rest);
        if (action === undefined) return { kind: 'problem', message: `no command :${parsed.name}` };
        return typeof action === 'function' ? { kind: 'action', run: action } : action;
      }
      default:
        return unreachable(parsed);
    }
  }

  async #exchange(line: RequestLine): Promise<Outcome> {
    const content = await loadContent(line.content);
    if (content.kind === 'problem') return this.#refuse(content);
    return await this.#tell(await this.#send(line, content), this.#options.fail);
  }

  async #send(line: RequestLine, content: LoadedContent): Promise<Sent> {
    const sender = this.#sender;
    this.#stop = () => sender.cancel();
    const sent = await sender.send(line, content, this.#standing);
    this.#stop = undefined;
    this.#memory.observe(sent.request, sent.result);
    return sent;
  }

  /** @param fails whether a status of 400 or more counts as failure */
  async #tell({ line, request, result, repetitions }: Sent, fails: boolean): Promise<Outcome> {
    const { output } = this.#options;
    if (result.kind === 'failed') {
      await output.complain(failureLine(result, request, this.endpoint, repetitions));
    }
    const advice = keyAdvice(result, request);
    if (advice !== undefined) await output.complain(advice);
    if (result.kind === 'failed') return 'failed';
    if (result.surplus) await output.complain(surplusLine);
    if (isReplayed(result.head.fields)) await output.complain(replayedLine);
    const { status } = result.head;
    if (status < failureStatusMin) {
      this.#names.addTarget(line.target);
      this.#names.addAnswer(result.head, this.endpoint.authority);
    }
    const failed = fails && status >= failureStatusMin;
    return this.#answer(renderResponse(result, output), failed ? 'failed' : 'completed');
  }

  async #answer(data: string | Uint8Array, outcome: Outcome): Promise<Outcome> {
    return (await this.#options.output.write(data)) ? outcome : 'unread';
  }

  async #refuse(found: Problem): Promise<Outcome> {
    await this.#options.output.complain(found.message);
    return 'refused';
  }

  #connectTo(endpoint: Endpoint): Sender {
    this.#servers.add(serverUrl(endpoint));
    return new Sender(endpoint, this.#options);
  }

  /** Takes over what lines of earlier sessions named. */
  #learn(parsed: ParsedLine): void {
    if (parsed.kind === 'request') this.#names.addTarget(parsed.target);
    if (parsed.kind !== 'command') return;
    const endpoint = parsed.name === 'open' ? parseEndpoint(parsed.rest) : '';
    if (typeof endpoint !== 'string') this.#servers.add(serverUrl(endpoint));
  }
}
