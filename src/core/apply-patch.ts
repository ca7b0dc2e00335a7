import { equalJson } from './equal.ts';
import { SyncError } from './errors.ts';
import type { Json, JsonPatch } from './json.ts';
import { createPatchBudget, type PatchBudget } from './patch-budget.ts';
import { patchError } from './patch-error.ts';
import { arrayIndex, childOf, valueAt } from './patch-location.ts';
import { type ReadOperation, readOperation } from './patch-operation.ts';
import { applyReferenceStep, type ContainerStep } from './reference-patch.ts';

/** The most operations a patch may have. */
export const maxPatchOperations = 100_000;

interface Application {
  root: unknown;
  /** Of the operation under way. */
  index: number;
  /** Containers that this application made, and may therefore change. */
  readonly owned: Set<object>;
  /** Null: nothing has been charged yet. */
  budget: PatchBudget | null;
}

type Container = Record<string, unknown>;

function budgetOf(application: Application): PatchBudget {
  return (application.budget ??= createPatchBudget());
}

function ownCopy(application: Application, container: object): Container {
  if (application.owned.has(container)) return container as Container;
  const copy = Array.isArray(container) ? [...(container as readonly unknown[])] : { ...container };
  application.owned.add(copy);
  return copy as Container;
}

function notFound({ index }: Application, path: string): SyncError {
  return patchError(index, 'not-found', path, `needs what is not there: ${path === '' ? 'the root' : path}`);
}

/** Makes every container on the way to the last token an own copy, and gives the innermost. */
function ownParent(application: Application, tokens: readonly string[], path: string): Container {
  if (typeof application.root !== 'object' || application.root === null) throw notFound(application, path);
  let parent = ownCopy(application, application.root);
  application.root = parent;
  for (let at = 0; at < tokens.length - 1; at += 1) {
    const token = tokens[at] as string;
    const child = childOf(parent, token);
    if (typeof child !== 'object' || child === null) throw notFound(application, path);
    const copy = ownCopy(application, child);
    if (copy !== child) parent[token] = copy;
    parent = copy;
  }
  return parent;
}

function checkArrayStep(parent: readonly unknown[], step: ContainerStep, token: string): number {
  const { length } = parent;
  if (step === 'add' && token === '-') return length;
  const position = arrayIndex(token);
  return position < (step === 'add' ? length + 1 : length) ? position : -1;
}

function doStep(
  application: Application,
  step: ContainerStep,
  tokens: readonly string[],
  path: string,
  value: Json | undefined,
): void {
  if (tokens.length === 0) {
    application.root = step === 'remove' ? null : value;
    return;
  }
  const parent = ownParent(application, tokens, path);
  const token = tokens[tokens.length - 1] as string;
  if (Array.isArray(parent)) {
    const position = checkArrayStep(parent, step, token);
    if (position === -1) throw notFound(application, path);
    if (step !== 'replace') budgetOf(application).shift(application.index, path, parent.length - position);
  } else if (step !== 'add' && childOf(parent, token) === undefined) throw notFound(application, path);
  applyReferenceStep(parent, step, token, value);
}

function relocate(application: Application, operation: ReadOperation): void {
  const { op, path, tokens, from, fromTokens } = operation;
  const { index, owned } = application;
  const budget = budgetOf(application);
  const value = valueAt(application.root, fromTokens);
  if (value === undefined) throw notFound(application, from);
  if (op === 'copy') {
    budget.visit(index, path, value, tokens.length, (container) => owned.delete(container));
  } else {
    if (from === path) return;
    if (path.startsWith(`${from}/`)) throw patchError(index, 'malformed', path, 'moves a value into itself');
    if (tokens.length > fromTokens.length) budget.visit(index, path, value, tokens.length);
    if (tokens.length > 0) doStep(application, 'remove', fromTokens, from, undefined);
  }
  doStep(application, 'add', tokens, path, value as Json);
}

function test(application: Application, operation: ReadOperation): void {
  const { path, tokens, value } = operation;
  const { index } = application;
  const current = valueAt(application.root, tokens);
  if (current === undefined) throw notFound(application, path);
  if (typeof value === 'object' && value !== null) budgetOf(application).visit(index, path, current, tokens.length);
  if (!equalJson(value, current)) throw patchError(index, 'test-failed', path, 'tests for another value');
}

function applyOperation(application: Application, operation: ReadOperation): void {
  const { op, path, tokens, value } = operation;
  switch (op) {
    case 'add':
    case 'remove':
    case 'replace':
      doStep(application, op, tokens, path, value);
      return;
    case 'move':
    case 'copy':
      relocate(application, operation);
      return;
    case 'test':
      test(application, operation);
  }
}

/**
 * Applies a JSON Patch (RFC 6902) and gives the new document. Neither the document nor the patch is changed, now or by a
 * later call; what the patch does not touch is shared with the document, and new values are shared with the patch.
 * All operations take effect or none.
 *
 * Patches of any origin are safe: only own properties and canonical array indices are reached, `__proto__` is a name
 * like any other, and at most 100,000 operations, 64 levels and a bounded amount of work are accepted.
 *
 * Throws {@link SyncError} `invalid-patch` with the `path` of the operation and `detail: { operation, reason }`, where
 * reason is `malformed`, `too-large`, `not-found` or `test-failed`.
 */
export function applyPatch<T>(document: T, patch: JsonPatch): T {
  if (!Array.isArray(patch))
    throw new SyncError('invalid-patch', 'A JSON Patch is an array of operations.', { path: '' });
  if (patch.length > maxPatchOperations) {
    throw patchError(maxPatchOperations, 'too-large', '', `is one too many: ${maxPatchOperations} are the limit`);
  }
  const application: Application = { root: document, index: 0, owned: new Set(), budget: null };
  for (let index = 0; index < patch.length; index += 1) {
    application.index = index;
    applyOperation(application, readOperation(patch[index], index));
  }
  return application.root as T;
}
