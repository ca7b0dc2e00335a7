import { isObject, type Json } from '../../core/json.ts';
import { redact } from '../protocol/redact.ts';

const shownFields = ['type', 'title', 'detail', 'code', 'error', 'message', 'name'];
const maxIssues = 20;
const shortestSecret = 8;

/** What is to be kept out of everything that is shown: the token, and the values of own headers. */
export function secretsOf(token: string | null, headers: Readonly<Record<string, string>>): readonly string[] {
  const values = Object.values(headers).filter((value) => value.length >= shortestSecret);
  return token === null ? values : [token, ...values];
}

/** What may be kept and shown of a refusal's body: texts that say why, without secrets. Null when there are none. */
export function detailOf(body: unknown, secrets: readonly string[]): Json | null {
  if (!isObject(body)) return null;
  const detail: Record<string, Json> = {};
  for (const field of shownFields) {
    const value = body[field];
    if (typeof value === 'string') detail[field] = redactAll(value, secrets);
  }
  const issues = Array.isArray(body['errors']) ? (body['errors'] as readonly unknown[]) : [];
  const told = issues.slice(0, maxIssues).flatMap((issue) => textOf(issue, secrets));
  if (told.length > 0) detail['errors'] = told;
  return Object.keys(detail).length === 0 ? null : detail;
}

function textOf(issue: unknown, secrets: readonly string[]): readonly Json[] {
  if (typeof issue === 'string') return [redactAll(issue, secrets)];
  const inner = detailOf(isObject(issue) ? { ...issue, errors: undefined } : null, secrets);
  return inner === null ? [] : [inner];
}

function redactAll(text: string, secrets: readonly string[]): string {
  return secrets.reduce((clean, secret) => redact(clean, secret), redact(text, null));
}
