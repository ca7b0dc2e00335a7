import type { Version } from '../../core/entity.ts';
import { tagOf } from '../http/precondition.ts';
import type { RestCollection } from './collection-settings.ts';

/** Whether a text is an entity tag (RFC 9110) as a header holds it: in quotes, weak or strong. */
export function isEntityTag(text: string): boolean {
  return /^(W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/.test(text);
}

/** The `If-Match` header (RFC 9110) for the version that a write was made on; an entity tag goes back as it came, also a weak one. Throws `misconfigured` for what can be none. */
export function matchHeaders(
  { version }: RestCollection,
  baseVersion: Version | null,
): Readonly<Record<string, string>> {
  if (baseVersion === null || version.kind === 'none') return {};
  if (version.kind === 'field' && version.send !== 'if-match') return {};
  const isTag = version.kind === 'etag' && typeof baseVersion === 'string' && isEntityTag(baseVersion);
  return { 'if-match': isTag ? baseVersion : tagOf(baseVersion) };
}
