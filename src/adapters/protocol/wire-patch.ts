import type { Json, JsonPatch, JsonPatchOperation } from '../../core/json.ts';
import { isObject } from './shape.ts';

/** A JSON Patch as parsed, if every step has the shape of one; null otherwise. Whether it applies is not looked at. */
export function readWirePatch(value: unknown): JsonPatch | null {
  if (!Array.isArray(value)) return null;
  const steps: JsonPatchOperation[] = [];
  for (const candidate of value as readonly unknown[]) {
    const step = readStep(candidate);
    if (step === null) return null;
    steps.push(step);
  }
  return steps;
}

function readStep(value: unknown): JsonPatchOperation | null {
  if (!isObject(value) || typeof value['path'] !== 'string') return null;
  const { op, path, from } = value;
  switch (op) {
    case 'add':
    case 'replace':
    case 'test':
      return 'value' in value ? { op, path, value: value['value'] as Json } : null;
    case 'remove':
      return { op, path };
    case 'move':
    case 'copy':
      return typeof from === 'string' ? { op, from, path } : null;
    default:
      return null;
  }
}
