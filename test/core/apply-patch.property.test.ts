import fc from 'fast-check';
import jsonpatch from 'fast-json-patch';
import { expect, test } from 'vitest';
import { applyPatch } from '../../src/core/apply-patch.ts';
import { SyncError } from '../../src/core/errors.ts';
import type { Json, JsonPatch, JsonPatchOperation } from '../../src/core/json.ts';
import { formatPointer } from '../../src/core/pointer.ts';
import { deepFreeze } from './deep-freeze.ts';
import { tameJson, tameObject } from './json-arbitraries.ts';
import { expectSeen, runProperty } from './run-property.ts';

interface Draft {
  readonly op: JsonPatchOperation['op'];
  readonly place: number;
  readonly other: number;
  readonly beyond: string;
  readonly value: Json;
}

const draft: fc.Arbitrary<Draft> = fc.record({
  op: fc.constantFrom('add', 'add', 'replace', 'remove', 'move', 'copy', 'test'),
  place: fc.nat(60),
  other: fc.nat(60),
  beyond: fc.constantFrom('', '', '', '/new', '/0', '/9'),
  value: tameJson,
});

function pointersIn(value: unknown, tokens: readonly string[] = []): string[] {
  if (typeof value !== 'object' || value === null) return [formatPointer(tokens)];
  return [formatPointer(tokens), ...Object.entries(value).flatMap(([key, each]) => pointersIn(each, [...tokens, key]))];
}

function valueOf(document: Json, pointer: string): unknown {
  return jsonpatch.getValueByPointer(document, pointer);
}

/** An operation at places that mostly exist; of a root it leaves a container. */
function operationOn(document: Json, { op, place, other, beyond, value }: Draft): JsonPatchOperation | null {
  const pointers = pointersIn(document).slice(1);
  if (pointers.length === 0) return { op: 'add', path: '/a', value };
  const path = (pointers[place % pointers.length] as string) + beyond;
  const from = pointers[other % pointers.length] as string;
  if (op === 'move' || op === 'copy') return op === 'move' && path.startsWith(`${from}/`) ? null : { op, from, path };
  if (op === 'remove') return { op, path };
  if (op === 'test' && beyond === '' && other % 2 === 0) return { op, path, value: valueOf(document, path) as Json };
  return { op, path, value };
}

type Outcome = { readonly document: unknown } | { readonly failed: true };

function outcomeOf(apply: () => unknown): Outcome {
  try {
    return { document: apply() };
  } catch {
    return { failed: true };
  }
}

function referenceOutcome(document: Json, operation: JsonPatchOperation): Outcome {
  const patch = structuredClone([operation]) as Parameters<typeof jsonpatch.applyPatch>[1];
  return outcomeOf(() => jsonpatch.applyPatch(JSON.parse(JSON.stringify(document)), patch, true).newDocument);
}

/**
 * Where fast-json-patch departs from RFC 6902: it takes an index behind the end for moves and copies, and looks for the
 * target of a move before the value is taken away.
 */
function isKnownDeparture({ op }: JsonPatchOperation, ours: Outcome, reference: Outcome): boolean {
  if ('failed' in ours) return !('failed' in reference) && (op === 'move' || op === 'copy');
  return 'failed' in reference && op === 'move';
}

test('every operation does what fast-json-patch does, and fails where it fails', () => {
  const counts = { done: 0, failed: 0 };
  runProperty(
    fc.property(tameObject, fc.array(draft, { minLength: 1, maxLength: 8 }), (start, drafts) => {
      let document = deepFreeze(start);
      for (const each of drafts) {
        const operation = deepFreeze(operationOn(document, each));
        if (operation === null) continue;
        const ours = outcomeOf(() => applyPatch(document, [operation]));
        const reference = referenceOutcome(document, operation);
        if (isKnownDeparture(operation, ours, reference)) continue;
        expect({ operation, ...ours }).toEqual({ operation, ...reference });
        if ('failed' in ours) counts.failed += 1;
        else {
          counts.done += 1;
          document = deepFreeze(ours.document) as Json;
        }
      }
    }),
    2_000,
  );
  expectSeen(counts.done, 1_000);
  expectSeen(counts.failed, 100);
});

test('a patch is its operations one after the other', () => {
  let applied = 0;
  runProperty(
    fc.property(tameObject, fc.array(draft, { minLength: 2, maxLength: 8 }), (start, drafts) => {
      let document = deepFreeze(start);
      const patch: JsonPatchOperation[] = [];
      for (const each of drafts) {
        const operation = operationOn(document, each);
        const next = operation && outcomeOf(() => applyPatch(document, [operation]));
        if (operation === null || next === null || 'failed' in next) continue;
        patch.push(operation);
        document = deepFreeze(next.document) as Json;
      }
      applied += patch.length;
      expect(applyPatch(start, deepFreeze(patch))).toEqual(document);
    }),
    1_000,
  );
  expectSeen(applied, 1_000);
});

test('whatever is wrong with a patch, the error is an invalid-patch', () => {
  const anything = fc.anything({ withNullPrototype: true, withMap: true, withDate: true, withBigInt: true });
  const member = fc.oneof(fc.constantFrom('/a', '', '/', '/a/0', '/__proto__', 'a', '~'), anything);
  const operation = fc.record(
    {
      op: fc.oneof(fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'), anything),
      path: member,
      from: member,
      value: anything,
    },
    { requiredKeys: [] },
  );
  let refused = 0;
  runProperty(
    fc.property(tameObject, fc.oneof(fc.array(operation, { maxLength: 4 }), anything), (document, patch) => {
      try {
        applyPatch(deepFreeze(document), patch as JsonPatch);
      } catch (error) {
        refused += 1;
        expect(error).toBeInstanceOf(SyncError);
        expect((error as SyncError).code).toBe('invalid-patch');
      }
    }),
    1_000,
  );
  expectSeen(refused, 100);
});
