import { isObject, type Json } from '../../core/json.ts';
import { redact } from './redact.ts';

/** Problem details (RFC 9457) of the reference server, as far as they can be trusted. */
export interface Problem {
  /** The last part of `type`, such as `epoch-changed`; null when the body is no problem. */
  readonly code: string | null;
  /** What may be kept and shown: no token, no entity, bounded. */
  readonly detail: { readonly [key: string]: Json };
  /** The record that the backend holds, unchecked. */
  readonly current: unknown;
  readonly epoch: string | null;
}

const prefix = 'urn:syncline:problem:';
const shownFields = ['type', 'title', 'detail', 'channel'];
const maxIssues = 20;

/** Reads a problem from any parsed body, leaving out everything that is none. */
export function readProblem(body: unknown, token: string | null): Problem {
  const fields = isObject(body) ? body : {};
  const { type, current, epoch, issues } = fields;
  const detail: Record<string, Json> = {};
  for (const field of shownFields) {
    const value = fields[field];
    if (typeof value === 'string') detail[field] = redact(value, token);
  }
  if (Array.isArray(issues)) detail['issues'] = issues.slice(0, maxIssues).flatMap((issue) => readIssue(issue, token));
  return {
    code: typeof type === 'string' && type.startsWith(prefix) ? type.slice(prefix.length) : null,
    detail,
    current,
    epoch: typeof epoch === 'string' ? epoch : null,
  };
}

function readIssue(issue: unknown, token: string | null): readonly Json[] {
  if (!isObject(issue) || typeof issue['message'] !== 'string') return [];
  const { path, message } = issue;
  return [{ ...(typeof path === 'string' ? { path: redact(path, token) } : {}), message: redact(message, token) }];
}
