import type { ScenarioOptions } from './scenario.ts';

/** Every seed that ever failed, by what it showed. They run before all others. */
export const failingSeeds: Readonly<Record<string, ScenarioOptions>> = {};
