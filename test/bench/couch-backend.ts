import type { Asked } from './at-once-backend.ts';

/** A CouchDB that keeps nothing and wants everything. Null: it does not know the address. */
export function answerAsCouch({ method, url, body }: Asked): unknown {
  const path = url.pathname.slice('/couch'.length);
  if (path === '' || path === '/') return { db_name: 'couch', update_seq: 0, instance_start_time: '0' };
  if (path.startsWith('/_local/')) return method === 'PUT' ? { ok: true, id: path.slice(1), rev: '0-1' } : null;
  if (path === '/_revs_diff') {
    const revisions = Object.entries(JSON.parse(body) as Record<string, readonly string[]>);
    return Object.fromEntries(revisions.map(([id, missing]) => [id, { missing }]));
  }
  return path === '/_bulk_docs' ? [] : null;
}
