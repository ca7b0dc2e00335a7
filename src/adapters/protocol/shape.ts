/** The time of change of an entity of which no time is told. */
export const unknownInstant = '1970-01-01T00:00:00.000Z';

/** Whether a value is a version: a finite number, or text that is not empty. */
export function isVersion(value: unknown): value is string | number {
  return (typeof value === 'string' && value !== '') || (typeof value === 'number' && Number.isFinite(value));
}

/** Whether a value is an ISO 8601 instant, with any number of fraction digits. */
export function isInstant(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,20})?(Z|[+-]\d\d:\d\d)$/.test(value) &&
    !Number.isNaN(Date.parse(value))
  );
}
