import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSeededRandom, type SeededRandom } from '../../src/testing/seeded-random.ts';
import { createChromiumProfile, type ChromiumProfile } from '../browser/chromium-profile.ts';
import { askedNumber } from '../support/asked-number.ts';
import { sayHowToRunAgain } from '../support/run-again.ts';
import { expectAgreement } from './expect-agreement.ts';
import { startTabHost, type TabHost } from './tab-host.ts';
import { deletedWith } from './workload.ts';

const kills = askedNumber('SYNCLINE_KILLS', 10);
const seed = askedNumber('SYNCLINE_SEED', 1);
const asked = { SYNCLINE_SEED: seed, SYNCLINE_KILLS: kills };
const mostRowsPerLife = 40;
const longestLifeMs = 2_500;

let folder: string;
let host: TabHost;
let profile: ChromiumProfile;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'syncline-tabs-'));
  [host, profile] = await Promise.all([startTabHost(join(folder, 'server.db')), createChromiumProfile()]);
});
afterEach(async () => {
  await profile.remove();
  await host.close();
  await rm(folder, { recursive: true, force: true });
});

/** Some time from now, perhaps before the tabs are there, or when some rows more are durable. */
function drawMoment(random: SeededRandom): Promise<void> {
  return random.int(2) === 0
    ? setTimeout(random.int(longestLifeMs))
    : host.moreDurable(1 + random.int(mostRowsPerLife));
}

const open = async () => {
  const context = await profile.open();
  await host.attach(context);
  return context;
};

test(
  `G1 G2 G3 Chromium killed by SIGKILL at any moment while two tabs write, delete and drain (seed ${seed}, ${kills} kills)`,
  async () => {
    sayHowToRunAgain(asked);
    const random = createSeededRandom(seed);
    for (let kill = 1; kill <= kills; kill += 1) {
      const context = await open();
      const isPaused = random.int(3) === 0;
      const moment = drawMoment(random);
      const opened = Promise.all(['a', 'b'].map((tab) => host.open(context, `${tab}${kill}`, { isPaused })));
      opened.catch(() => undefined);
      await moment;
      await profile.kill();
    }
    const context = await open();
    const pages = await Promise.all(['a', 'b'].map((tab) => host.open(context, `${tab}0`)));
    await host.moreDurable(1);
    await expectAgreement(host, pages);
    expect(host.durable.size).toBeGreaterThan(kills);
    expect([...host.durable].filter((id) => deletedWith(id) !== null).length).toBeGreaterThan(0);
  },
  120_000 + kills * 30_000,
);
