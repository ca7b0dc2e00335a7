/**
 * Freezes a JSON value all the way down and returns it, so that whoever it is handed to cannot change what others share. A
 * part that is frozen already is not looked into again.
 */
export function freezeJson<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const key in value) freezeJson(value[key]);
  return value;
}
