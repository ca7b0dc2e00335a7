import { readEntity } from '../core/entity-input.ts';
import { SyncError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import { formatPointer } from '../core/pointer.ts';
import type { StandardIssue, StandardSchemaV1 } from '../ports/schema.ts';
import type { Hooks } from './hooks.ts';
import { createProblem, type Problem } from './problem.ts';
import { withoutMetadata } from './record-json.ts';

/** The entity as the collection's schema gives it back, or what is wrong with it. */
export type Validation = { readonly entity: JsonObject } | { readonly problem: Problem };

/** Checks an entity before it is stored. Rejects with a problem of status 503 when the schema itself fails. */
export type Validate = (collection: string, entity: JsonObject) => Promise<Validation>;

/** Validates by Standard Schema; collections without one take anything. A schema that fails is an outage (503). */
export function createValidation(schemas: Readonly<Record<string, StandardSchemaV1>> = {}, hooks: Hooks): Validate {
  const byCollection = new Map(Object.entries(schemas));
  return async (collection, entity) => {
    const schema = byCollection.get(collection);
    if (schema === undefined) return { entity };
    const result = await hooks.run('The entity cannot be validated now.', () => schema['~standard'].validate(entity));
    if (result.issues !== undefined) {
      return { problem: createProblem('invalid-entity', { issues: result.issues.map(toIssue) }) };
    }
    return checkOutput(collection, entity, result.value);
  };
}

function checkOutput(collection: string, entity: JsonObject, output: unknown): Validation {
  try {
    const completed = withoutMetadata(readEntity(collection, output));
    if (completed['id'] === entity['id']) return { entity: completed };
    return { problem: createProblem('invalid-entity', { detail: 'The schema changes the id.' }) };
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    return { problem: createProblem('invalid-entity', { detail: 'The schema gives no JSON object back.' }) };
  }
}

function toIssue({ message, path = [] }: StandardIssue): { message: string; path: string } {
  const keys = path.map((part) => String(typeof part === 'object' ? part.key : part));
  return { message, path: formatPointer(keys) };
}
