import type { FieldPolicies, FieldPolicy } from './conflict.ts';
import { SyncError } from './errors.ts';
import { parsePointer } from './pointer.ts';

/** The field policies that can still apply below one place of a document. */
export interface PolicyScope {
  /** The policy of this very place. A name counts before `*`. */
  readonly policy: FieldPolicy | undefined;
  /** Whether a counter stands here or below: there, two changes alike are two. */
  readonly counts: boolean;
  /** The scope one step further down. */
  child(token: string): PolicyScope;
}

interface PolicyNode {
  policy?: FieldPolicy;
  counts: boolean;
  readonly children: Map<string, PolicyNode>;
}

const nowhere: PolicyScope = { policy: undefined, counts: false, child: () => nowhere };

function readPattern(pattern: string): string[] {
  try {
    return parsePointer(pattern);
  } catch (cause) {
    const advice = 'Name the field with a JSON Pointer such as /tags or /rows/*/text';
    throw new SyncError('invalid-option', `The field policy "${pattern}" names no field. ${advice}.`, {
      path: pattern,
      cause,
    });
  }
}

function plant(policies: FieldPolicies): PolicyNode {
  const root: PolicyNode = { counts: false, children: new Map() };
  for (const [pattern, policy] of Object.entries(policies)) {
    let node = root;
    node.counts ||= policy === 'counter';
    for (const token of readPattern(pattern)) {
      const child: PolicyNode = node.children.get(token) ?? { counts: false, children: new Map() };
      node.children.set(token, child);
      node = child;
      node.counts ||= policy === 'counter';
    }
    node.policy = policy;
  }
  return root;
}

function scopeOf(nodes: readonly PolicyNode[]): PolicyScope {
  if (nodes.length === 0) return nowhere;
  return {
    policy: nodes.find((node) => node.policy !== undefined)?.policy,
    counts: nodes.some((node) => node.counts),
    child: (token) =>
      scopeOf(
        nodes
          .flatMap((node) => [node.children.get(token), node.children.get('*')])
          .filter((node) => node !== undefined),
      ),
  };
}

/** Field policies as a scope at the root. Throws {@link SyncError} `invalid-option` for a key that is no JSON Pointer. */
export function readPolicies(policies: FieldPolicies | undefined): PolicyScope {
  return policies === undefined ? nowhere : scopeOf([plant(policies)]);
}
