/**
 * What HTTP methods mean: from a request's head to what is to happen, as a value that the session
 * carries out. Nothing here knows of sockets, files or threads.
 */

import type { FieldLine, RequestHead } from '../http/message.ts';
import { takeTarget } from '../http/target.ts';
import { admissionError } from './admission.ts';
import { isGuarded } from './conditions.ts';
import type { AppContext, Handler } from './context.ts';
import { corsFields, takePreflight } from './cors.ts';
import { patchHint } from './edit.ts';
import { errorResponse } from './error-response.ts';
import { insert } from './insert.ts';
import { describe } from './options.ts';
import { read } from './read.ts';
import type { RequestErrorCode } from './refusal.ts';
import { remove } from './remove.ts';
import { replace } from './replace.ts';
import { routeRequest } from './request.ts';
import { everywhere, type Respond, type Response } from './response.ts';
import {
  type Action,
  actionOf,
  allowedMethods,
  isSafe,
  type Method,
  methods,
  overwrites,
} from './semantics.ts';

/** What is to happen for a request, and the fields that its response carries whatever it is. */
export type Intake = Plan & { readonly fields: readonly FieldLine[] };

type Plan =
  /** The answer is known already; content that follows is of no interest. */
  | { readonly kind: 'answer'; readonly response: Response; readonly close: boolean }
  | {
      readonly kind: 'run';
      /** Safe requests of one connection may run side by side (RFC 9112 section 9.3.2). */
      readonly safe: boolean;
      /** Whether `run` wants the request's content; else it is discarded. */
      readonly takesContent: boolean;
      /**
       * Called when the content is whole; again, for a safe request whose answer came too early to
       * be kept. `respond` is called once for each call.
       */
      readonly run: (content: Uint8Array, respond: Respond) => void;
    };

const handlers: Readonly<Record<Action, Handler>> = {
  read,
  insert,
  replace,
  remove,
  describe,
};

type Refuse = (code: RequestErrorCode, fields?: readonly FieldLine[], close?: boolean) => Plan;

/** Decides from the head alone. Called once for each request, in order of arrival. */
export function intake(context: AppContext, head: RequestHead): Intake {
  const fields = corsFields(context.admission.allowedOrigins, head.fields);
  return { ...plan(context, head), fields };
}

function plan(context: AppContext, head: RequestHead): Plan {
  const method = methods.find((known) => known === head.method);
  const refuse: Refuse = (code, fields = [], close = false) => ({
    kind: 'answer',
    response: errorResponse(code, { method, semantics: context.semantics }, undefined, fields),
    close,
  });
  if (head.method === 'CONNECT') return refuse('method-connect', [], true);
  if (method === undefined) return refuse('method-unknown');
  // A HTTP/1.0 client's expectation is ignored (RFC 9110 section 10.1.1).
  const expectation = head.minorVersion >= 1 ? head.fields.combined('expect') : undefined;
  if (expectation !== undefined && expectation.toLowerCase() !== '100-continue') {
    return refuse('expectation');
  }
  const action = actionOf(method, context.semantics);
  if (action === undefined) return refuse('method-not-taken', [['Allow', allowedMethods]]);
  return route(context, head, method, action, refuse);
}

function route(
  context: AppContext,
  head: RequestHead,
  method: Method,
  action: Action,
  refuse: Refuse,
): Plan {
  const target = takeTarget(method, head.target);
  if (target === undefined || target.form === 'authority') return refuse('bad-target');
  const authority = target.form === 'absolute' ? target.authority : undefined;
  const turnedAway = admissionError(context.admission, head.fields, authority, isSafe(action));
  if (turnedAway !== undefined) return refuse(turnedAway);
  const preflight = takePreflight(context.admission.allowedOrigins, method, head.fields);
  if (preflight !== undefined) return { kind: 'answer', response: preflight, close: false };
  if (target.form === 'asterisk') {
    return { kind: 'answer', response: describeServer(), close: false };
  }
  const nowMs = context.clock.wallMs();
  const { foldsCase } = context.dispatcher;
  const request = routeRequest(method, action, head, target, nowMs, foldsCase);
  if (typeof request === 'string') {
    return refuse(request, action === 'insert' ? patchHint(request) : []);
  }
  if (context.requireConditional && overwrites(action) && !isGuarded(request.conditions)) {
    return refuse('condition-required');
  }
  return {
    kind: 'run',
    safe: isSafe(action),
    takesContent: action === 'insert' || action === 'replace',
    run: (content, respond) => handlers[action](context, request, content, respond),
  };
}

/** `OPTIONS *` asks for the server as a whole (RFC 9110 section 9.3.7). */
function describeServer(): Response {
  return {
    status: 200,
    fields: [['Allow', allowedMethods], ...everywhere],
    content: { kind: 'bytes', bytes: new Uint8Array(0) },
    log: {},
  };
}
