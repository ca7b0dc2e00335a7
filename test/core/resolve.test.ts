import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BuiltInStrategy, Conflict, FieldPolicies, Resolution } from '../../src/core/conflict.ts';
import type { ISyncEntity } from '../../src/core/entity.ts';
import { mergeEntity } from '../../src/core/merge.ts';
import { builtInResolvers, laterSide } from '../../src/core/resolve.ts';
import { writeStamp } from '../../src/core/stamp.ts';
import { deepFreeze } from './deep-freeze.ts';
import { tameJson } from './json-arbitraries.ts';
import { expectSeen, runProperty } from './run-property.ts';

const minute = 60_000;
const serverNowMs = Date.UTC(2024, 0, 1, 12);
const at = (ms: number, counter = 0): string => writeStamp({ ms: serverNowMs + ms, counter });

const entity = (fields: object): ISyncEntity => ({ id: 'e', updatedAt: 'x', ...fields });
const base = entity({ a: 0, b: 0, version: 1 });
const local = entity({ a: 1, b: 0, version: 1 });
const remote = entity({ a: 2, b: 1, version: 2 });

const conflict = (changes: Partial<Conflict> = {}): Conflict =>
  deepFreeze({
    id: 'c1',
    collection: 'users',
    entityId: 'e',
    base,
    local,
    remote,
    paths: ['/a'],
    localTimestamp: at(-minute),
    remoteTimestamp: at(-2 * minute),
    ...changes,
  });

test.each<[strategy: BuiltInStrategy, expected: Resolution]>([
  ['client-wins', { entity: local }],
  ['server-wins', { entity: remote }],
  ['last-write-wins', { entity: local }],
  ['merge', { entity: entity({ a: 1, b: 1, version: 2 }) }],
  ['manual', 'manual'],
])('S16 %s', (strategy, expected) => {
  expect(builtInResolvers[strategy](conflict(), { serverNowMs })).toEqual(expected);
  expect(builtInResolvers[strategy](conflict())).toEqual(expected);
});

test.each<[strategy: BuiltInStrategy, deleted: 'local' | 'remote', newer: 'local' | 'remote', expected: Resolution]>([
  ['client-wins', 'local', 'remote', { entity: null }],
  ['client-wins', 'remote', 'remote', { entity: local }],
  ['server-wins', 'local', 'local', { entity: remote }],
  ['server-wins', 'remote', 'local', { entity: null }],
  ['last-write-wins', 'local', 'local', { entity: null }],
  ['last-write-wins', 'local', 'remote', { entity: remote }],
  ['last-write-wins', 'remote', 'local', { entity: local }],
  ['last-write-wins', 'remote', 'remote', { entity: null }],
  ['merge', 'local', 'local', { entity: remote }],
  ['merge', 'remote', 'remote', { entity: local }],
  ['manual', 'local', 'local', 'manual'],
])('S17 %s: %s deleted, %s later', (strategy, deleted, newer, expected) => {
  const [mine, theirs] = newer === 'local' ? [at(0), at(-1)] : [at(-1), at(0)];
  const times = { localTimestamp: mine, remoteTimestamp: theirs };
  expect(builtInResolvers[strategy](conflict({ [deleted]: null, ...times }), { serverNowMs })).toEqual(expected);
});

test('S17 merge: a deletion stands against a side that changed nothing', () => {
  expect(builtInResolvers.merge(conflict({ local: null, remote: { ...base, version: 9 } }))).toEqual({ entity: null });
  expect(builtInResolvers.merge(conflict({ local: base, remote: null }))).toEqual({ entity: null });
  expect(builtInResolvers.merge(conflict({ local: null, remote: null }))).toEqual({ entity: null });
  expect(builtInResolvers.merge(conflict({ base: null, local: null }))).toEqual({ entity: remote });
});

test('S17 merge: two creates merge over an empty object', () => {
  const created = conflict({ base: null, local: entity({ a: 1, l: 1 }), remote: entity({ a: 2, r: 1, version: 1 }) });
  expect(builtInResolvers.merge(created, { serverNowMs })).toEqual({
    entity: entity({ a: 1, l: 1, r: 1, version: 1 }),
  });
});

test.each<[name: string, policies: FieldPolicies, expected: Resolution]>([
  ['a policy decides its field', { '/a': 'server-wins' }, { entity: entity({ a: 2, b: 1, version: 2 }) }],
  ['a manual field leaves all to the app', { '/a': 'manual' }, 'manual'],
  ['a manual field that is not contested', { '/b': 'manual' }, { entity: entity({ a: 1, b: 1, version: 2 }) }],
  ['a function that throws leaves all to the app', { '/a': () => expect.unreachable('on purpose') }, 'manual'],
])('S16 merge: %s', (_, policies, expected) => {
  expect(builtInResolvers.merge(conflict(), { serverNowMs, policies })).toEqual(expected);
});

const ahead = 5 * minute;
test.each<[name: string, local: string, remote: string | null, later: 'local' | 'remote']>([
  ['the local one is newer', at(1), at(0), 'local'],
  ['the remote one is newer', at(0), at(1), 'remote'],
  ['both are equal', at(0), at(0), 'remote'],
  ['the local one is later within the millisecond', at(0, 2), at(0, 1), 'local'],
  ['the remote one is later within the millisecond', at(0, 1), at(0, 2), 'remote'],
  ['there is no remote time', at(0), null, 'remote'],
  ['the remote time is none', at(0), 'yesterday', 'remote'],
  ['the local time is none', '', at(0), 'remote'],
  ['the remote time has no fraction', at(1), '2024-01-01T12:00:00Z', 'local'],
  ['the remote time has a zone', at(1), '2024-01-01T14:00:00+02:00', 'local'],
  ['both are just within 5 minutes ahead', at(ahead), at(ahead - 1), 'local'],
  ['both clocks run ahead', '2099-01-01T00:00:00.000Z', at(ahead + 1), 'remote'],
  ['the local clock runs ahead and ties with the bound', '2099-01-01T00:00:00.000Z', at(ahead), 'remote'],
  ['the remote clock runs ahead and ties with the bound', at(ahead, 3), '2099-01-01T00:00:00.000Z', 'remote'],
])('S18 the later side when %s', (_, mine, theirs, later) => {
  expect(laterSide(mine, theirs, { serverNowMs })).toBe(later);
  const won = conflict({ localTimestamp: mine, remoteTimestamp: theirs });
  const resolution = builtInResolvers['last-write-wins'](won, { serverNowMs });
  expect(resolution).toEqual({ entity: later === 'local' ? local : remote });
});

test('S18 a clock in 2099 wins nothing once the server has caught up with its bound', () => {
  const laterMs = serverNowMs + 10 * minute;
  const remoteTimestamp = writeStamp({ ms: laterMs + ahead, counter: 0 });
  expect(laterSide('2099-01-01T00:00:00.000Z', remoteTimestamp, { serverNowMs: laterMs })).toBe('remote');
});

test.each<[name: string, writtenAt: number, clockOffsetMs: number, later: 'local' | 'remote']>([
  ['an hour ahead and wrote 6 minutes before', -6 * minute, -60 * minute, 'remote'],
  ['an hour ahead and wrote within the 5 minutes before', -4 * minute, -60 * minute, 'local'],
  ['right and wrote after', 1, 0, 'local'],
  ['behind and wrote before by its own time', 6 * minute, 60 * minute, 'remote'],
])('S18 the later side when the local clock is %s', (_, writtenAt, clockOffsetMs, later) => {
  const clocks = { serverNowMs: serverNowMs + 60 * minute, clockOffsetMs };
  expect(laterSide(at(writtenAt - clockOffsetMs), at(0), clocks)).toBe(later);
});

test('G6 whatever the strategy, the result is one side or the merge of both, and no side is changed', () => {
  const strategies: BuiltInStrategy[] = ['client-wins', 'server-wins', 'last-write-wins', 'merge', 'manual'];
  const side = fc.option(fc.record({ a: tameJson, b: tameJson, version: fc.nat(9) }).map(entity), { freq: 4 });
  const stamp = fc.nat(20 * minute).map((ms) => at(ms - 10 * minute));
  let merges = 0;
  runProperty(
    fc.property(
      fc.constantFrom(...strategies),
      fc.tuple(side, side, side),
      stamp,
      stamp,
      (strategy, sides, mine, theirs) => {
        const [before, here, there] = sides;
        const given = conflict({
          base: before,
          local: here,
          remote: there,
          localTimestamp: mine,
          remoteTimestamp: theirs,
        });
        const resolution = builtInResolvers[strategy](given, { serverNowMs });
        if (resolution === 'manual') return strategy === 'manual';
        const { entity: result } = resolution;
        if (result === given.local || result === given.remote) return true;
        if (result === null) return strategy === 'merge';
        merges += 1;
        const later = laterSide(mine, theirs, { serverNowMs });
        if (given.local === null || given.remote === null) return false;
        expect(result).toEqual(mergeEntity(given.base, given.local, given.remote, { later }).entity);
        return strategy === 'merge';
      },
    ),
    1_000,
  );
  expectSeen(merges, 30);
});
