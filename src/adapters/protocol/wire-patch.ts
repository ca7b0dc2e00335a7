import { isObject, type JsonPatch } from '../../core/json.ts';

/** A JSON Patch as parsed, if every step has the shape of one; null otherwise. Whether it applies is not looked at. */
export function readWirePatch(value: unknown): JsonPatch | null {
  return Array.isArray(value) && value.every(isStep) ? (value as JsonPatch) : null;
}

function isStep(value: unknown): boolean {
  if (!isObject(value) || typeof value['path'] !== 'string') return false;
  switch (value['op']) {
    case 'add':
    case 'replace':
    case 'test':
      return 'value' in value;
    case 'remove':
      return true;
    case 'move':
    case 'copy':
      return typeof value['from'] === 'string';
    default:
      return false;
  }
}
