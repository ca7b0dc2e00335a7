import { expect, test } from 'vitest';
import type { LockPort } from '../../src/ports/environment.ts';
import { createMemoryLocks } from '../../src/testing/environment/memory-locks.ts';
import { createMemoryTab } from '../../src/testing/environment/memory-tab.ts';
import { settle } from '../../src/testing/virtual-clock.ts';
import { createGate } from '../support/gate.ts';

/** Asks for the lock, keeps it until the returned function is called, and writes down what happens. */
function ask(log: string[], who: string, locks: LockPort, options: { steal?: boolean; signal?: AbortSignal } = {}) {
  const gate = createGate();
  locks
    .request('lock', { signal: new AbortController().signal, ...options }, () => {
      log.push(`${who} holds`);
      return gate.opened;
    })
    .then(
      () => log.push(`${who} is done`),
      (error: { code?: string }) => log.push(`${who} fails: ${error.code}`),
    );
  return gate.open;
}

function twoTabs() {
  const locks = createMemoryLocks();
  const [a, b] = [createMemoryTab(), createMemoryTab()];
  return { locks, a, b, inA: locks.of(a), inB: locks.of(b), log: [] as string[] };
}

test('G18 a killed tab is told nothing more, and the next gets what it held', async () => {
  const { a, inA, inB, log } = twoTabs();
  const release = ask(log, 'a', inA);
  const releaseB = ask(log, 'b', inB);
  await settle();
  a.kill();
  release();
  ask(log, 'ghost', inA);
  ask(log, 'b again', inB);
  await settle();
  expect(log).toEqual(['a holds', 'b holds']);
  releaseB();
  await settle();
  expect(log).toEqual(['a holds', 'b holds', 'b is done', 'b again holds']);
});

test('G18 a frozen tab keeps what it holds, and lets go when it is thawed', async () => {
  const { a, inA, inB, log } = twoTabs();
  const release = ask(log, 'a', inA);
  ask(log, 'b', inB);
  await settle();
  a.freeze();
  release();
  await settle();
  expect(log).toEqual(['a holds']);
  a.thaw();
  await settle();
  expect(log).toEqual(['a holds', 'a is done', 'b holds']);
});

test('G18 a frozen tab is granted what it waited for, and learns of it when it is thawed', async () => {
  const { b, inA, inB, log } = twoTabs();
  const release = ask(log, 'a', inA);
  ask(log, 'b', inB);
  await settle();
  b.freeze();
  release();
  ask(log, 'a again', inA);
  await settle();
  expect(log).toEqual(['a holds', 'a is done']);
  b.thaw();
  await settle();
  expect(log).toEqual(['a holds', 'a is done', 'b holds']);
});

test('G18 a frozen tab that was robbed learns of it when it is thawed, and is never called for what it lost before', async () => {
  const { a, inA, inB, log } = twoTabs();
  ask(log, 'a', inA);
  await settle();
  a.freeze();
  ask(log, 'a again', inA, { steal: true });
  ask(log, 'b', inB, { steal: true });
  await settle();
  expect(log).toEqual(['a holds', 'b holds']);
  a.thaw();
  await settle();
  expect(log).toEqual(['a holds', 'b holds', 'a fails: aborted', 'a again fails: aborted']);
});

test('G18 a frozen tab whose request is aborted takes nothing up', async () => {
  const { a, inA, inB, log } = twoTabs();
  const abort = new AbortController();
  a.freeze();
  ask(log, 'a', inA, { signal: abort.signal });
  ask(log, 'b', inB);
  await settle();
  abort.abort();
  a.thaw();
  await settle();
  expect(log).toEqual(['a fails: aborted', 'b holds']);
});

test('G18 broken locks are granted to all who wait and all who ask; mended, they wait for the last of them', async () => {
  const { locks, inA, inB, log } = twoTabs();
  const releases = [ask(log, 'a', inA), ask(log, 'b', inB)];
  await settle();
  locks.setBroken(true);
  await settle();
  expect(log).toEqual(['a holds', 'b holds']);
  releases.push(ask(log, 'a too', inA));
  await settle();
  expect(log).toEqual(['a holds', 'b holds', 'a too holds']);
  locks.setBroken(false);
  ask(log, 'last', inB);
  for (const release of releases) {
    await settle();
    expect(log).not.toContain('last holds');
    release();
  }
  await settle();
  expect(log.slice(3)).toEqual(['a is done', 'b is done', 'a too is done', 'last holds']);
});

test('G18 a request that is aborted in the turn in which it was made is not granted', async () => {
  const { inA, inB, log } = twoTabs();
  for (const steal of [false, true]) {
    const abort = new AbortController();
    ask(log, 'a', inA, { steal, signal: abort.signal });
    abort.abort();
  }
  ask(log, 'b', inB);
  await settle();
  expect(log).toEqual(['a fails: aborted', 'a fails: aborted', 'b holds']);
});
