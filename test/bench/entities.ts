import type { ServerRecord } from '../../src/index.ts';

/** An entity of about 300 bytes of JSON. */
export interface Item {
  id: string;
  title: string;
  body: string;
  owner: string;
  done: boolean;
  priority: number;
  tags: string[];
  place: { column: string; order: number };
}

export const collection = 'items';
export const firstInstant = '2026-01-01T00:00:00.000Z';

/** Ids in code-unit order. */
export function itemId(index: number): string {
  return `item-${String(index).padStart(7, '0')}`;
}

/** The same for an index each time: servers and clients need not tell each other. */
export function makeItem(index: number): Item {
  return {
    id: itemId(index),
    title: `Item number ${index}, as somebody wrote it`,
    body: 'Some words that fill the entity up to the size that is measured, no more.',
    owner: `user-${index % 100}`,
    done: index % 2 === 0,
    priority: index % 5,
    tags: ['one', 'two', `group-${index % 10}`],
    place: { column: 'backlog', order: index },
  };
}

/** The item as a backend holds it. */
export function itemRecord(index: number, version = 1): ServerRecord {
  const entity = { ...makeItem(index), updatedAt: firstInstant, version };
  return { entity, version, updatedAt: firstInstant };
}

/** Numbers from 0. */
export function indexes(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}
