import { assertCollection } from '../core/entity-input.ts';
import {
  checkOptionsOf,
  clock,
  having,
  invalidOption,
  object,
  ofType,
  typeOr,
  type Checks,
} from '../core/option-checks.ts';
import type { SyncServerOptions } from './options.ts';

const callable = ofType('function');

const checks: Checks<SyncServerOptions> = {
  database: typeOr('string', having('read', 'transaction', 'expire', 'close')),
  restored: ofType('boolean'),
  fanout: typeOr('string', having('publish', 'subscribe', 'close')),
  authenticate: callable,
  authorize: callable,
  validate(option, schemas) {
    object(option, schemas);
    for (const [collection, schema] of Object.entries(schemas)) {
      assertCollection(collection);
      having('validate')(`${option}.${collection}`, schema?.['~standard']);
    }
  },
  origins(option, origins) {
    if (!Array.isArray(origins) || origins.some((origin) => typeof origin !== 'string'))
      throw invalidOption(option, 'needs a list of origins');
  },
  limits: object,
  reportFailure: callable,
  clock,
  random: callable,
};

/**
 * Looks at what was passed in, before anything of it is used: a hook under a wrong name would let everyone in. Throws
 * {@link SyncError} `invalid-option` that names the option, and `invalid-collection`.
 */
export function checkServerOptions(options: SyncServerOptions): void {
  checkOptionsOf('createSyncServer', options, checks);
}
