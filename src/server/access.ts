import type { Hooks } from './hooks.ts';
import type { Authenticate, Authorize, Principal } from './options.ts';
import type { EntityJson } from './record-json.ts';

/** Who may do what. Rejects with a problem of status 503 when the app's hook fails: an outage is no refusal. */
export interface Access {
  /** Null: refused. */
  identify(token: string | null, request: Request): Promise<Principal | null>;
  /** `entity: null`: about the collection. */
  may(principal: Principal, action: 'read' | 'write', collection: string, entity: EntityJson | null): Promise<boolean>;
}

const anonymous: Principal = { id: 'anonymous' };

/** Without `authenticate` everyone is `anonymous`; without `authorize` everyone may do everything. */
export function createAccess(
  { authenticate, authorize }: { authenticate?: Authenticate | undefined; authorize?: Authorize | undefined },
  hooks: Hooks,
): Access {
  return {
    async identify(token, request) {
      if (authenticate === undefined) return anonymous;
      return hooks.run('The session cannot be checked now.', async () =>
        checkPrincipal(await authenticate(token, request)),
      );
    },
    async may(principal, action, collection, entity) {
      if (authorize === undefined) return true;
      const ask = (): boolean | Promise<boolean> => authorize(principal, action, collection, entity);
      return (await hooks.run('The permission cannot be checked now.', ask)) === true;
    },
  };
}

function checkPrincipal(principal: Principal | null): Principal | null {
  if (principal === null || (typeof principal.id === 'string' && principal.id !== '')) return principal;
  throw new TypeError('authenticate gives a principal without an id.');
}
