import { canonicalText } from './canonical-text.ts';
import type { FieldPolicy } from './conflict.ts';
import { readJson } from './entity-input.ts';
import type { Json } from './json.ts';

/** One place of a document in its three states. Undefined: not there. */
export interface Sides {
  readonly base: Json | undefined;
  readonly local: Json | undefined;
  readonly remote: Json | undefined;
}

/** The value of a place that both sides changed, or that the app has to decide; the value then stands in until it does. */
export interface Decision {
  readonly value: Json | undefined;
  readonly manual: boolean;
}

/** One of the two copies that are merged. */
export type Side = 'local' | 'remote';

/** Without a policy, or where it does not fit the values: an edit survives a deletion, else the later side wins. */
function decideByDefault({ local, remote }: Sides, later: Side): Json | undefined {
  if (local === undefined) return remote;
  if (remote === undefined) return local;
  return later === 'local' ? local : remote;
}

function add({ base, local, remote }: Sides): number | undefined {
  const start = base ?? 0;
  if (typeof start !== 'number' || typeof local !== 'number' || typeof remote !== 'number') return undefined;
  const sum = start + (local - start) + (remote - start);
  return Number.isFinite(sum) ? sum : undefined;
}

function elementsByText(value: Json | undefined): Map<string, Json> | undefined {
  if (value === undefined || value === null) return new Map();
  if (!Array.isArray(value)) return undefined;
  return new Map(value.map((element: Json) => [canonicalText(element), element]));
}

function unite(sides: Sides): Json | undefined {
  const base = elementsByText(sides.base);
  const local = elementsByText(sides.local);
  const remote = elementsByText(sides.remote);
  if (base === undefined || local === undefined || remote === undefined) return undefined;
  const united = [...remote].filter(([text]) => local.has(text) || !base.has(text));
  const added = [...local].filter(([text]) => !remote.has(text) && !base.has(text));
  return [...united, ...added].map(([, element]) => element);
}

function ask(policy: Exclude<FieldPolicy, string>, sides: Sides, later: Side): Decision {
  try {
    return { value: readJson(policy(sides.base, sides.local, sides.remote)), manual: false };
  } catch {
    return { value: decideByDefault(sides, later), manual: true };
  }
}

/**
 * What becomes of a place that both sides changed differently. A policy function that throws, or gives something that is
 * not JSON, leaves the decision to the app.
 */
export function decideField(sides: Sides, policy: FieldPolicy | undefined, later: Side): Decision {
  if (typeof policy === 'function') return ask(policy, sides, later);
  switch (policy) {
    case 'client-wins':
      return { value: sides.local, manual: false };
    case 'server-wins':
      return { value: sides.remote, manual: false };
    case 'last-write-wins':
      return { value: sides[later], manual: false };
    case 'counter':
      return { value: add(sides) ?? decideByDefault(sides, later), manual: false };
    case 'union':
      return { value: unite(sides) ?? decideByDefault(sides, later), manual: false };
    case 'manual':
      return { value: decideByDefault(sides, later), manual: true };
    case undefined:
      return { value: decideByDefault(sides, later), manual: false };
  }
}
