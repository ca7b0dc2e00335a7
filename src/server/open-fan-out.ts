import { SyncError } from '../core/errors.ts';
import { createLocalFanOut } from './adapters/local-fan-out.ts';
import type { SyncServerOptions } from './options.ts';
import type { FanOut } from './ports/fan-out.ts';

/** Opens what `fanout` names. Throws `unsupported` for a kind that is not there. */
export function openFanOut(fanout: SyncServerOptions['fanout'] = 'local'): FanOut {
  if (typeof fanout === 'object') return fanout;
  if (fanout === 'local') return createLocalFanOut();
  throw new SyncError('unsupported', `This server has no fan-out "${String(fanout)}": use "local" or one of your own.`);
}
