import { describe, expect, test } from 'vitest';
import { decide, judgeWrite, type Decision } from '../../src/server/decide.ts';
import type { StoredEntity, StoredRepeat } from '../../src/server/ports/store.ts';
import { createProblem } from '../../src/server/problem.ts';
import type { WriteContent, WriteRequest } from '../../src/server/write-request.ts';

const nowMs = Date.UTC(2026, 0, 2);
const now = '2026-01-02T00:00:00.000Z';
const before = '2026-01-01T00:00:00.000Z';

const stored = (fields: Partial<StoredEntity>): StoredEntity => ({
  collection: 'notes',
  id: 'a',
  version: 3,
  entity: { id: 'a', text: 'old', tag: 'x' },
  updatedAt: before,
  idempotencyKey: 'key-0',
  clientId: 'client-0',
  ...fields,
});

const states = {
  absent: null,
  live: stored({}),
  tombstone: stored({ entity: null }),
} as const satisfies Record<string, StoredEntity | null>;

const replacement = { id: 'a', text: 'new' };
const contents = {
  create: { type: 'create', entity: replacement },
  replace: { type: 'replace', entity: replacement },
  patch: { type: 'patch', patch: [{ op: 'replace', path: '/text', value: 'new' }] },
  mergePatch: { type: 'merge-patch', patch: { text: 'new', tag: null } },
  delete: { type: 'delete' },
} as const satisfies Record<string, WriteContent>;

const expectations = { none: null, any: '*', match: [3], stale: [2], noVersion: [] } as const;

type Outcome = `applied ${200 | 201 | 204}` | `refused ${number}`;
type Row = Record<keyof typeof expectations, Outcome>;

const always = (outcome: Outcome): Row => ({
  none: outcome,
  any: outcome,
  match: outcome,
  stale: outcome,
  noVersion: outcome,
});
const onVersion = (outcome: Outcome): Row => ({
  none: 'refused 428',
  any: outcome,
  match: outcome,
  stale: 'refused 412',
  noVersion: 'refused 412',
});
const unlessUnconditional = (outcome: Outcome): Row => ({ ...always(outcome), none: 'refused 428' });

const table: Record<keyof typeof states, Record<keyof typeof contents, Row>> = {
  absent: {
    create: always('applied 201'),
    replace: unlessUnconditional('refused 404'),
    patch: unlessUnconditional('refused 404'),
    mergePatch: unlessUnconditional('refused 404'),
    delete: unlessUnconditional('refused 404'),
  },
  live: {
    create: always('refused 412'),
    replace: onVersion('applied 200'),
    patch: onVersion('applied 200'),
    mergePatch: onVersion('applied 200'),
    delete: onVersion('applied 204'),
  },
  tombstone: {
    create: always('applied 201'),
    replace: unlessUnconditional('refused 412'),
    patch: unlessUnconditional('refused 412'),
    mergePatch: unlessUnconditional('refused 412'),
    delete: unlessUnconditional('refused 410'),
  },
};

const requestOf = (content: WriteContent, fields: Partial<WriteRequest> = {}): WriteRequest => ({
  idempotencyKey: 'key-1',
  clientId: 'client-1',
  collection: 'notes',
  id: 'a',
  content,
  expected: null,
  updatedAt: null,
  ...fields,
});

const decideOn = (state: StoredEntity | null, request: WriteRequest, repeat: StoredRepeat | null = null): Decision =>
  decide({ stored: state, repeat, request, fingerprint: 'f1', nowMs });

const outcomeOf = (decision: Decision): string => {
  if (decision.type === 'refused') return `refused ${decision.problem.status}`;
  return `${decision.type} ${decision.answer.status}`;
};

const cells = Object.entries(table).flatMap(([state, rows]) =>
  Object.entries(rows).flatMap(([content, row]) =>
    Object.entries(row).map(([expectation, outcome]) => ({ state, content, expectation, outcome })),
  ),
);

describe('stored state x request x precondition', () => {
  test.each(cells)('$content over $state with precondition $expectation: $outcome', (cell) => {
    const state = states[cell.state as keyof typeof states];
    const content = contents[cell.content as keyof typeof contents];
    const expected = expectations[cell.expectation as keyof typeof expectations];
    expect(outcomeOf(decideOn(state, requestOf(content, { expected })))).toBe(cell.outcome);
  });
});

describe('what an applied write leaves', () => {
  test('a create', () => {
    expect(decideOn(null, requestOf(contents.create))).toEqual({
      type: 'applied',
      change: {
        collection: 'notes',
        id: 'a',
        version: 1,
        baseVersion: null,
        entity: replacement,
        before: null,
        patch: null,
        updatedAt: now,
        idempotencyKey: 'key-1',
        clientId: 'client-1',
        committedAtMs: nowMs,
      },
      answer: {
        status: 201,
        record: {
          entity: { ...replacement, updatedAt: now, version: 1 },
          version: 1,
          deleted: false,
          updatedAt: now,
        },
      },
    });
  });

  test('S17 a create over a tombstone goes on above its version', () => {
    expect(decideOn(states.tombstone, requestOf(contents.create))).toMatchObject({
      change: { version: 4, baseVersion: 3, entity: replacement, before: null, patch: null },
      answer: { status: 201, record: { version: 4, deleted: false } },
    });
  });

  test('a patch, with what changed', () => {
    expect(decideOn(states.live, requestOf(contents.patch, { expected: [3] }))).toMatchObject({
      change: {
        version: 4,
        baseVersion: 3,
        before: { id: 'a', text: 'old', tag: 'x' },
        entity: { id: 'a', text: 'new', tag: 'x' },
        patch: [{ op: 'replace', path: '/text', value: 'new' }],
      },
    });
  });

  test('a merge patch removes with null (RFC 7396)', () => {
    expect(decideOn(states.live, requestOf(contents.mergePatch, { expected: [3] }))).toMatchObject({
      change: { entity: replacement },
      answer: { status: 200 },
    });
  });

  test('a delete leaves a versioned tombstone', () => {
    expect(decideOn(states.live, requestOf(contents.delete, { expected: [3] }))).toMatchObject({
      change: { version: 4, baseVersion: 3, entity: null, before: { id: 'a', text: 'old', tag: 'x' }, patch: null },
      answer: { status: 204, record: { entity: null, version: 4, deleted: true } },
    });
  });

  test('S8 a patch of metadata changes nothing, a test of it counts', () => {
    const patch = [
      { op: 'test', path: '/version', value: 3 },
      { op: 'replace', path: '/updatedAt', value: 'never' },
      { op: 'add', path: '/version', value: 99 },
    ] as const;
    expect(decideOn(states.live, requestOf({ type: 'patch', patch }, { expected: [3] }))).toMatchObject({
      change: { entity: { id: 'a', text: 'old', tag: 'x' }, version: 4, updatedAt: now },
    });
  });

  test.each([
    [null, now],
    [before, before],
    ['2026-01-01T00:00:00.0000007Z', '2026-01-01T00:00:00.0000007Z'],
    ['2099-01-01T00:00:00.000Z', now],
  ])('S18 a claimed time of %s is stored as %s', (updatedAt, kept) => {
    expect(decideOn(null, requestOf(contents.create, { updatedAt }))).toMatchObject({
      change: { updatedAt: kept },
      answer: { record: { updatedAt: kept, entity: { updatedAt: kept } } },
    });
  });
});

describe('repeats', () => {
  const answer = {
    status: 201,
    record: {
      entity: { ...replacement, updatedAt: before, version: 1 },
      version: 1,
      deleted: false,
      updatedAt: before,
    },
  } as const;
  const repeat: StoredRepeat = { principal: 'ada', key: 'key-1', fingerprint: 'f1', answer, appliedAtMs: 0 };

  test('S4 the same key and content gets the stored answer, whatever is stored by now', () => {
    for (const state of Object.values(states)) {
      expect(decideOn(state, requestOf(contents.create), repeat)).toEqual({ type: 'replayed', answer });
    }
  });

  test('S4 the same key with other content is refused', () => {
    const decision = decideOn(states.live, requestOf(contents.create), { ...repeat, fingerprint: 'f2' });
    expect(decision).toMatchObject({
      type: 'refused',
      problem: { type: 'urn:syncline:problem:key-reused', status: 422 },
    });
  });
});

describe('content that cannot be', () => {
  const refusals: readonly (readonly [string, WriteContent, string, number])[] = [
    ['a test that fails', { type: 'patch', patch: [{ op: 'test', path: '/text', value: 'x' }] }, 'patch-failed', 409],
    ['a path that is not there', { type: 'patch', patch: [{ op: 'remove', path: '/nope' }] }, 'patch-failed', 409],
    ['no operation', { type: 'patch', patch: [{ op: 'grow', path: '/a' }] as never }, 'invalid-patch', 422],
    ['no list', { type: 'patch', patch: { op: 'add' } as never }, 'invalid-patch', 422],
    [
      'another id by patch',
      { type: 'patch', patch: [{ op: 'replace', path: '/id', value: 'b' }] },
      'invalid-entity',
      422,
    ],
    ['no object by patch', { type: 'patch', patch: [{ op: 'replace', path: '', value: 1 }] }, 'invalid-entity', 422],
    ['no id by patch', { type: 'patch', patch: [{ op: 'remove', path: '/id' }] }, 'invalid-entity', 422],
    ['no object by merge patch', { type: 'merge-patch', patch: ['a'] }, 'invalid-entity', 422],
    ['another id by merge patch', { type: 'merge-patch', patch: { id: 'b' } }, 'invalid-entity', 422],
    ['another id', { type: 'replace', entity: { id: 'b' } }, 'invalid-entity', 422],
    ['too large', { type: 'replace', entity: { id: 'a', text: 'x'.repeat(1024 * 1024) } }, 'too-large', 413],
  ];
  test.each(refusals)('%s', (_, content, code, status) => {
    const decision = decideOn(states.live, requestOf(content, { expected: [3] }));
    expect(decision).toMatchObject({ type: 'refused', problem: { type: `urn:syncline:problem:${code}`, status } });
  });

  test('a wrong precondition is told before wrong content', () => {
    const decision = decideOn(states.live, requestOf({ type: 'replace', entity: { id: 'b' } }, { expected: [2] }));
    expect(decision).toMatchObject({ problem: { status: 412, current: { version: 3 } } });
  });
});

test('the app is asked whether it may be written first, and never shows or stores what it was not asked about', () => {
  const questionsOf = (state: StoredEntity | null, request: WriteRequest, noTo: string | null = null) => {
    const steps = judgeWrite({ stored: state, repeat: null, request, fingerprint: 'f1', nowMs });
    const asked: string[] = [];
    let step = steps.next();
    while (step.done !== true) {
      const { type, entity } = step.value;
      asked.push(type);
      step = steps.next(type === noTo ? { problem: createProblem('forbidden') } : { entity });
    }
    return [...asked, outcomeOf(step.value)];
  };
  const replace = requestOf(contents.replace, { expected: [3] });
  const stale = requestOf(contents.replace, { expected: [2] });
  expect([
    questionsOf(states.live, replace),
    questionsOf(states.live, replace, 'may-write'),
    questionsOf(states.live, replace, 'validate'),
    questionsOf(states.live, stale),
    questionsOf(states.live, stale, 'may-read'),
    questionsOf(states.live, requestOf(contents.delete, { expected: [3] })),
  ]).toEqual([
    ['may-write', 'validate', 'applied 200'],
    ['may-write', 'refused 403'],
    ['may-write', 'validate', 'refused 403'],
    ['may-write', 'may-read', 'refused 412'],
    ['may-write', 'may-read', 'refused 403'],
    ['may-write', 'applied 204'],
  ]);
});
