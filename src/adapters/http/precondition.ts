import type { Version } from '../../core/entity.ts';
import { MisconfiguredError } from '../../core/errors.ts';

/** The `If-Match` header (RFC 9110) for a version; none for null. Throws as {@link tagOf}. */
export function matchVersion(version: Version | null): Readonly<Record<string, string>> {
  return version === null ? {} : { 'If-Match': tagOf(version) };
}

/** A version as an entity tag (RFC 9110), in quotes. Throws `misconfigured` for one that cannot be one: it came from another backend. */
export function tagOf(version: Version): string {
  if (!/^[\x21\x23-\x7e]+$/.test(`${version}`)) {
    throw new MisconfiguredError({
      message: 'The version of the entity is none of this backend: it is no entity tag.',
    });
  }
  return `"${version}"`;
}

/** The version in an entity tag. The reference server's are whole numbers. */
export function parseVersion(etag: string): Version {
  const version = Number(etag);
  return /^(0|[1-9]\d*)$/.test(etag) && Number.isSafeInteger(version) ? version : etag;
}
