import { onTestFinished } from 'vitest';
import { createServiceWorld, type ServiceWorld, type ServiceWorldOptions } from './service-world.ts';

/** A world that is closed when the running test has ended. */
export function makeWorld(options?: ServiceWorldOptions): ServiceWorld {
  const world = createServiceWorld(options);
  onTestFinished(() => world.closeAll());
  return world;
}
