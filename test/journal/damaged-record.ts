import fc from 'fast-check';

/** What may happen to a stored value. */
export type Damage =
  | { readonly kind: 'flip'; readonly at: number; readonly by: number }
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'grow'; readonly by: number }
  | { readonly kind: 'replace'; readonly value: unknown };

const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
/** Any damage that leaves something there. */
export const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: place, by: fc.integer({ min: 1, max: 127 }) }),
  fc.record({ kind: fc.constant('cut' as const), at: place }),
  fc.record({ kind: fc.constant('grow' as const), by: fc.integer({ min: 1, max: 127 }) }),
  fc.record({
    kind: fc.constant('replace' as const),
    value: fc.constantFrom<unknown>(
      0,
      false,
      '',
      {},
      [],
      'p1',
      new ArrayBuffer(8),
      new Uint8Array(3),
      's1 00000000 []',
    ),
  }),
);

/** The record as it is after that. */
export function damageRecord(record: string | Uint8Array, how: Damage): unknown {
  if (how.kind === 'replace') return how.value;
  if (typeof record !== 'string') return Uint8Array.from(damageUnits([...record], how));
  return String.fromCharCode(
    ...damageUnits(
      Array.from(record, (unit) => unit.charCodeAt(0)),
      how,
    ),
  );
}

function damageUnits(units: readonly number[], how: Exclude<Damage, { kind: 'replace' }>): readonly number[] {
  if (how.kind === 'grow') return [...units, how.by];
  const index = Math.floor(how.at * units.length);
  if (how.kind === 'cut') return units.slice(0, index);
  return units.with(index, (units[index] as number) ^ how.by);
}
