import type { ISyncEntity } from '../core/entity.ts';
import { SyncError } from '../core/errors.ts';
import { formatPointer } from '../core/pointer.ts';
import type { StandardIssue, StandardSchemaV1 } from '../ports/schema.ts';

/**
 * Checks an entity against a collection's schema. Throws {@link SyncError} `invalid-entity` with the pointer of the first
 * issue. A schema that validates asynchronously cannot guard a write that is shown at once: `invalid-option`.
 */
export function validateEntity(collection: string, entity: ISyncEntity, schema: StandardSchemaV1 | undefined): void {
  if (!schema) return;
  const result = ask(collection, entity, schema);
  if ('then' in result) {
    result.then(undefined, () => undefined);
    throw new SyncError(
      'invalid-option',
      `The schema of ${collection} validates asynchronously. Use one that answers at once.`,
      { collection },
    );
  }
  const issue = result.issues?.[0];
  if (!issue) return;
  throw new SyncError('invalid-entity', `${collection}/${entity.id} does not fit its schema: ${issue.message}`, {
    collection,
    entityId: entity.id,
    path: pointerOf(issue),
  });
}

function ask(collection: string, entity: ISyncEntity, schema: StandardSchemaV1) {
  try {
    return schema['~standard'].validate(entity);
  } catch (cause) {
    const where = `${collection}/${entity.id}`;
    const about = { collection, entityId: entity.id, cause };
    throw new SyncError('invalid-entity', `The schema of ${collection} threw instead of judging ${where}.`, about);
  }
}

function pointerOf({ path = [] }: StandardIssue): string {
  return formatPointer(path.map((part) => String(typeof part === 'object' ? part.key : part)));
}
