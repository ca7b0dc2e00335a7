import type { Version } from '../../core/entity.ts';
import { BadResponseError } from '../../core/errors.ts';
import type { ServerRecord } from '../../core/record.ts';
import type { RestCollection } from './collection-settings.ts';
import type { RestAnswer } from './exchange.ts';
import { memberAt } from './member.ts';
import { readRow, toRecord, type RestRow } from './row.ts';

/** An entity that an answer is about. */
export interface ReadRecord {
  readonly row: RestRow;
  /** Null: the answer does not tell. */
  readonly version: Version | null;
  readonly record: ServerRecord;
}

/** Reads the entity with this id from an answer. Throws `BadResponseError`, for another entity as well. */
export function readRecord(collection: RestCollection, answer: RestAnswer, id: string): ReadRecord {
  const row = readRow(collection, memberAt(answer.body, collection.envelope));
  if (row.id !== id) throw new BadResponseError('The answer is about another entity.');
  const version = collection.version.kind === 'etag' ? answer.etag : row.version;
  if (version === null && collection.version.kind === 'field') {
    throw new BadResponseError('The entity of the answer has no version. Check the option `version`.');
  }
  return { row, version, record: toRecord(row, version) };
}
