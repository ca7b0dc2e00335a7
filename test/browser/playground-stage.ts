import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { createChromiumProfile, type ChromiumProfile } from './chromium-profile.ts';
import { clientOf, openClient, type PlaygroundClient } from './playground-client.ts';
import { startPlayground, type PlaygroundProcess } from './playground-process.ts';

/** A playground of a test file, with both clients online on one page of a fresh profile before each test. */
export interface PlaygroundStage {
  readonly url: string;
  readonly page: Page;
  readonly left: PlaygroundClient;
  readonly right: PlaygroundClient;
}

/** Sets it up and takes it down around the tests of the calling file; fails a test whose page throws or asks anyone else for anything. */
export function usePlayground(): PlaygroundStage {
  let folder: string;
  let playground: PlaygroundProcess;
  let profile: ChromiumProfile;
  let left: PlaygroundClient;
  let right: PlaygroundClient;
  let problems: string[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'syncline-playground-'));
    playground = await startPlayground(['--database', join(folder, 'server.db')], { PORT: '0' });
  });

  afterAll(async () => {
    await playground.end();
    await rm(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    profile = await createChromiumProfile();
    const context = await profile.open();
    problems = [];
    context.on('weberror', (error) => problems.push(error.error().message));
    context.on('request', (request) => {
      if (!request.url().startsWith(playground.url ?? '')) problems.push(`requested ${request.url()}`);
    });
    left = await openClient(context, `${playground.url}`, 'left');
    right = clientOf(left.page, 'right');
    await Promise.all([left.status({ connectivity: 'online' }), right.status({ connectivity: 'online' })]);
  });

  afterEach(async () => {
    await profile.remove();
    expect(problems).toEqual([]);
  });

  return {
    get url() {
      return `${playground.url}`;
    },
    get page() {
      return left.page;
    },
    get left() {
      return left;
    },
    get right() {
      return right;
    },
  };
}
