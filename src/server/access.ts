import type { Hooks } from './hooks.ts';
import type { Authenticate, Authorize, Principal } from './options.ts';
import type { EntityJson } from './record-json.ts';

/** Who may do what. Rejects with a problem of status 503 when the app's hook fails: an outage is no refusal. */
export interface Access {
  /** Null: refused. */
  identify(token: string | null, request: Request): Promise<Principal | null>;
  /**
   * Asked about a collection (`entity: null`), a hook that throws has nothing against it: every entity is asked about before
   * it is told.
   */
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
      const askAboutCollection = async (): Promise<boolean> => {
        try {
          return await ask();
        } catch {
          return true;
        }
      };
      const allowed = await hooks.run(
        'The permission cannot be checked now.',
        entity === null ? askAboutCollection : ask,
      );
      return allowed === true;
    },
  };
}

function checkPrincipal(principal: Principal | null): Principal | null {
  if (principal === null || (typeof principal.id === 'string' && principal.id !== '')) return principal;
  throw new TypeError('authenticate gives a principal without an id.');
}
