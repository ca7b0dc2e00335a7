import type { EntityJson } from './record-json.ts';
import { fail } from './problem.ts';
import type { Authenticate, Authorize, Principal } from './options.ts';

/**
 * Who may do what. Outages of the app's hooks are problems of status 503, never refusals. Asked about a collection
 * (`entity: null`), a hook that fails has nothing against it: every entity is asked about before it is told.
 */
export interface Access {
  /** Null: refused. */
  identify(token: string | null, request: Request): Promise<Principal | null>;
  may(principal: Principal, action: 'read' | 'write', collection: string, entity: EntityJson | null): Promise<boolean>;
}

const anonymous: Principal = { id: 'anonymous' };

/** Without `authenticate` everyone is `anonymous`; without `authorize` everyone may do everything. */
export function createAccess(hooks: {
  authenticate?: Authenticate | undefined;
  authorize?: Authorize | undefined;
  reportFailure: (error: unknown) => void;
}): Access {
  const { authenticate, authorize, reportFailure } = hooks;
  return {
    async identify(token, request) {
      if (authenticate === undefined) return anonymous;
      try {
        return await authenticate(token, request);
      } catch (error) {
        reportFailure(error);
        return fail('unavailable', { detail: 'The session cannot be checked now.' }, 1);
      }
    },
    async may(principal, action, collection, entity) {
      if (authorize === undefined) return true;
      try {
        return (await authorize(principal, action, collection, entity)) === true;
      } catch (error) {
        if (entity === null) return true;
        reportFailure(error);
        return fail('unavailable', { detail: 'The permission cannot be checked now.' }, 1);
      }
    },
  };
}
