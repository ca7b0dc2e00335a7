import type { Version } from '../../core/entity.ts';
import { matchVersion } from '../http/precondition.ts';
import type { RestCollection } from './collection-settings.ts';

const entityTag = /^(W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/;

/** The `If-Match` header (RFC 9110) for the version that a write was made on; an entity tag goes back as it came, also a weak one. Throws `misconfigured` for what can be none. */
export function matchHeaders(
  { version }: RestCollection,
  baseVersion: Version | null,
): Readonly<Record<string, string>> {
  if (baseVersion === null || version.kind === 'none') return {};
  if (version.kind === 'field' && version.send !== 'if-match') return {};
  const isTag = version.kind === 'etag' && typeof baseVersion === 'string' && entityTag.test(baseVersion);
  return isTag ? { 'if-match': baseVersion } : lowerCased(matchVersion(baseVersion));
}

function lowerCased(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
