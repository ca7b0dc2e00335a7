import type { RestCollectionOptions } from '../../../src/rest.ts';

/** Temba 0.51 with `etags: true`: `If-Match` is demanded, ids stand in the address only, lists are whole. */
export const temba: RestCollectionOptions = {
  create: { method: 'POST', path: '/{collection}/{id}' },
  sendsId: false,
  list: {},
};

/** json-server 0.17: no preconditions, so its collections take `detectConflicts: 'compare'`; nobody stamps but the client. */
export const jsonServer: RestCollectionOptions = {
  create: 'POST',
  update: 'merge-patch',
  updateType: 'application/json',
  version: 'none',
  updatedAtBy: 'client',
  list: {
    feed: 'updated-at',
    path: '/{collection}?updatedAt_gte={since}&_sort=updatedAt,id&_order=asc,asc&_page={page}&_limit={limit}',
  },
};
